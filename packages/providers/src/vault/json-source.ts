/**
 * The members of a JSON object, each with its source text exactly as it is written; of equal keys the last counts, as in
 * `JSON.parse`. Numbers keep all their digits, which a parsed document has lost. No recursion: depth is no danger.
 * @param source valid JSON, which begins with `{`
 */
export function memberSources(source: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = skipSpace(source, 1);
  while (source[at] === '"') {
    const keyEnd = skipString(source, at);
    const key = JSON.parse(source.slice(at, keyEnd)) as string;
    const start = skipSpace(source, skipSpace(source, keyEnd) + 1);
    const end = skipValue(source, start);
    members.set(key, source.slice(start, end));
    at = skipSpace(source, end);
    if (source[at] === ",") at = skipSpace(source, at + 1);
  }
  return members;
}

function skipSpace(source: string, from: number): number {
  let at = from;
  while (at < source.length && " \t\n\r".includes(source.charAt(at))) at += 1;
  return at;
}

function skipString(source: string, from: number): number {
  let at = from + 1;
  while (source[at] !== '"') at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** To the bracket that closes the value, or to the end of a text or scalar. */
function skipValue(source: string, from: number): number {
  if (source[from] === '"') return skipString(source, from);
  if (source[from] !== "{" && source[from] !== "[") return skipScalar(source, from);
  let depth = 0;
  let at = from;
  do {
    const character = source.charAt(at);
    if (character === '"') at = skipString(source, at);
    else {
      if ("{[".includes(character)) depth += 1;
      else if ("}]".includes(character)) depth -= 1;
      at += 1;
    }
  } while (depth > 0);
  return at;
}

function skipScalar(source: string, from: number): number {
  let at = from;
  while (at < source.length && !",]} \t\n\r".includes(source.charAt(at))) at += 1;
  return at;
}
