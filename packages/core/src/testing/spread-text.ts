/**
 * The texts of which an output holds one character at a time: `{"0":"s","1":"3"}`, which loggers make of a string that was given
 * as an object, in whatever order its members stand, and `["s","3"]`.
 */
export function* spreadTexts(text: string): Generator<string> {
  yield* numbered(text);
  yield* listed(text);
}

const shortest = 4;

function* numbered(text: string): Generator<string> {
  const characters = new Map<number, string>();
  for (const match of text.matchAll(/["'`]?\b(\d{1,5})["'`]?\s{0,20}:\s{0,20}(["'`])\\?([^\\]|(?<=\\)\\)\2/gu)) {
    const number = Number(match[1]);
    // a second list begins where a number comes again
    if (characters.has(number)) {
      yield* joined(characters);
      characters.clear();
    }
    characters.set(number, match[3] as string);
  }
  yield* joined(characters);
}

function* joined(characters: ReadonlyMap<number, string>): Generator<string> {
  if (characters.size < shortest) return;
  yield [...characters]
    .sort(([a], [b]) => a - b)
    .map(([, character]) => character)
    .join("");
}

function* listed(text: string): Generator<string> {
  for (const [list] of text.matchAll(/(?:(["'`])\\?[^\n]\1\s{0,20},\s{0,20}){3,}(["'`])\\?[^\n]\2/gu)) {
    yield [...list.matchAll(/(["'`])\\?([^\n])\1/gu)].map((match) => match[2]).join("");
  }
}
