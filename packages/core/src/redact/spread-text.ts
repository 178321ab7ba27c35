import { minLength } from "./mask-policy.ts";

/** A string that was spread into an array, or into an object beside other members. */
export interface SpreadText {
  readonly text: string;
  /** The keys of its characters. */
  readonly keys: ReadonlySet<PropertyKey>;
}

/** The maximum length of a text that is spread by mistake. */
const maxLength = 100_000;

/** Returns the text whose characters an object has as members from 0 on, as loggers make of a string in place of an object. */
export function spreadTextOf(value: object): SpreadText | undefined {
  if (!isCharacter(characterAt(value, 0)) || !isCharacter(characterAt(value, minLength - 1))) return undefined;
  const characters: string[] = [];
  for (let index = 0; index < maxLength; index++) {
    const character = characterAt(value, index);
    if (!isCharacter(character)) break;
    characters.push(character);
  }
  return { text: characters.join(""), keys: new Set(characters.map((_, index) => String(index))) };
}

/** Reads data properties only, because a getter may have side effects. */
function characterAt(value: object, index: number): unknown {
  return Object.getOwnPropertyDescriptor(value, index)?.value;
}

/** Whether a value is one character, which may be two UTF-16 units. */
function isCharacter(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 2 && Array.from(value).length === 1;
}
