/** A member of a JSON object, or an element of an array. */
export interface JsonMember {
  /** The value exactly as written. */
  readonly source: string;
  /** The 0-based position of the key, or of the value in an array. */
  readonly offset: number;
}

/** Returns the kind of a JSON value. @param source the value's text, without leading white space */
export function jsonKind(source: string): "object" | "array" | "string" | "null" | "scalar" {
  switch (source[0]) {
    case "{":
      return "object";
    case "[":
      return "array";
    case '"':
      return "string";
    case "n":
      return "null";
    default:
      return "scalar";
  }
}

/**
 * Splits a JSON object into its members, or an array into its elements (keys "0", "1", ...), each with its own source text.
 * The source text preserves `1e400` and `12345678901234567890`, which parsing would change. There is no recursion, so any depth
 * is allowed. The last of several equal keys is used, as in `JSON.parse`.
 * @param source valid JSON with an object or an array; surrounding white space is skipped
 */
export function jsonMembers(source: string): Map<string, JsonMember> {
  const members = new Map<string, JsonMember>();
  const opening = skipSpace(source, 0);
  const isObject = source[opening] === "{";
  let at = skipSpace(source, opening + 1);
  while (!"}]".includes(source[at] ?? "}")) {
    const offset = at;
    let key = String(members.size);
    if (isObject) {
      const keyEnd = skipString(source, at);
      key = JSON.parse(source.slice(at, keyEnd)) as string;
      at = skipSpace(source, skipSpace(source, keyEnd) + 1);
    }
    const end = skipValue(source, at);
    members.set(key, { source: source.slice(at, end), offset });
    at = skipSpace(source, end);
    if (source[at] === ",") at = skipSpace(source, at + 1);
  }
  return members;
}

function skipSpace(source: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(source[at] ?? "x")) at++;
  return at;
}

function skipString(source: string, from: number): number {
  let at = from + 1;
  while (at < source.length && source[at] !== '"') at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Returns the position after a value: after its closing bracket, or after a string or scalar. */
function skipValue(source: string, from: number): number {
  const first = source[from] ?? "";
  if (first === '"') return skipString(source, from);
  if (first !== "{" && first !== "[") return skipScalar(source, from);
  let at = from;
  let depth = 0;
  do {
    const character = source[at];
    if (character === '"') at = skipString(source, at);
    else {
      if (character === "{" || character === "[") depth++;
      else if (character === "}" || character === "]") depth--;
      at++;
    }
  } while (depth > 0 && at < source.length);
  return at;
}

function skipScalar(source: string, from: number): number {
  let at = from;
  while (!",]} \t\n\r".includes(source[at] ?? ",")) at++;
  return at;
}
