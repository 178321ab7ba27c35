/** Returns a name from a store in quotes, for a message; control characters and invisible characters are escaped as in JSON. */
export function quoted(name: unknown): string {
  return JSON.stringify(String(name)).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }).join("");
}
