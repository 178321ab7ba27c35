import { minLength } from "./mask-policy.ts";

/** A string that was spread into an array, or into an object beside other members. */
export interface SpreadText {
  readonly text: string;
  /** The keys under which its characters are. */
  readonly keys: ReadonlySet<PropertyKey>;
}

/** Longer texts are not spread by mistake. */
const maxLength = 100_000;

/** The text of which an object has one character under each number from 0 on, as loggers make of a string given for an object. */
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

/** Data properties alone: a getter may have effects. */
function characterAt(value: object, index: number): unknown {
  return Object.getOwnPropertyDescriptor(value, index)?.value;
}

/** One character may be two units. */
function isCharacter(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 2 && Array.from(value).length === 1;
}
