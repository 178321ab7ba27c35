/**
 * The passwords in a connection string, as they are written and percent-decoded: `scheme://user:password@host`, also behind `jdbc:`,
 * `jdbc:oracle:thin:user/password@//host`, and `password=`, `pwd=` in lists with `;`, `&` or spaces, with or without quotes.
 */
export function passwordsIn(text: string): readonly string[] {
  if (text.length > longest) return [];
  const found = [...userinfoPasswords(text), ...listedPasswords(text)];
  return [...new Set(found.flatMap((password) => [password, percentDecoded(password)]))].filter(
    (one) => one !== "" && one !== text,
  );
}

const longest = 8_192;

function* userinfoPasswords(text: string): Generator<string> {
  const oracle = /^jdbc:oracle:\w+:[^/@\s]+\/(?:"([^"]*)"|([^@\s]+))@/i.exec(text);
  if (oracle !== null) yield oracle[1] ?? oracle[2] ?? "";
  for (const { index, 0: scheme } of text.matchAll(/[a-z][a-z0-9+.-]{0,30}:\/\//gi)) {
    const rest = text.slice(index + scheme.length).split(/\s/, 1)[0] ?? "";
    const authority = rest.split(/[/?#]/, 1)[0] ?? "";
    // A password with a slash in it is not legal there, but works with many clients.
    const isHost = !authority.includes("@") && (!authority.includes(":") || /:\d{0,5}$/.test(authority));
    const searched = isHost ? authority : rest;
    const end = authority.includes("@") ? authority.lastIndexOf("@") : searched.lastIndexOf("@");
    const userinfo = rest.slice(0, Math.max(0, end));
    const colon = userinfo.indexOf(":");
    if (colon >= 0) yield userinfo.slice(colon + 1);
  }
}

function* listedPasswords(text: string): Generator<string> {
  const key = /(?:^|[;?&\s,])(?:ssl|key_?store|trust_?store)?_?-?(?:password|passwd|pwd|passphrase)\s*=\s*/gi;
  for (const match of text.matchAll(key)) {
    const rest = text.slice(match.index + match[0].length);
    const [, double, single, braced, plain] =
      /^(?:"([^"]*)"|'((?:[^'\\]|\\.)*)'|\{([^}]*)\}|([^;&\s,]*))/.exec(rest) ?? [];
    yield double ?? single ?? braced ?? plain ?? "";
  }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
