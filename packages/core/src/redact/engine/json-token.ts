/** The content of a string, or a number, `true`, `false` or `null`, in JSON. */
export interface JsonToken {
  readonly start: number;
  readonly end: number;
  readonly isString: boolean;
}

/** Returns the tokens of valid JSON, or of several lines of it. */
export function* jsonTokens(json: string): Generator<JsonToken> {
  const structure = /[\s,:[\]{}]*/y;
  const bare = /[^\s,:[\]{}"]+/y;
  for (let at = 0; at < json.length; ) {
    structure.lastIndex = at;
    structure.test(json);
    at = structure.lastIndex;
    if (json[at] === '"') {
      const end = endOfString(json, at + 1);
      yield { start: at + 1, end, isString: true };
      at = end + 1;
    } else if (at < json.length) {
      bare.lastIndex = at;
      bare.test(json);
      yield { start: at, end: bare.lastIndex, isString: false };
      at = bare.lastIndex;
    }
  }
}

/** Whether a text is JSON, or each line of it is. */
export function isJson(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false;
  return parses(text) || (text.includes("\n") && text.split("\n").every((line) => line.trim() === "" || parses(line)));
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function endOfString(json: string, from: number): number {
  for (let quote = json.indexOf('"', from); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (quote - backslashes > from && json[quote - backslashes - 1] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return json.length;
}
