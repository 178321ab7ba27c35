import { invalidPath } from "../shared/store/path.ts";

/** Where an account is. */
export interface AccountPath {
  readonly safe: string;
  readonly object: string;
}

/** Reads `object`, or `safe/object`. @param usualSafe of the options @throws {SecretError} INVALID_NAME `path` before anything is asked */
export function parseAccountPath(path: string, usualSafe: string): AccountPath {
  const [object = "", safe = usualSafe, ...rest] = path.split("/").reverse();
  if (rest.length === 0 && isName(object) && isName(safe)) return { safe, object };
  throw invalidPath(tip);
}

/** The object of a name, in which `/` is `-`. @throws {SecretError} INVALID_NAME `path` */
export function toObjectName(name: string): string {
  const object = name.replaceAll("/", "-");
  if (isName(object)) return object;
  throw invalidPath(tip);
}

const tip = 'Write the name of an object, such as "orders-db", or "Safe/object" for another safe.';

/** What no object and no safe can hold, and what would mean something in a query of the web service. */
export function isName(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.isWellFormed() && !/^\.{0,2}$|[\\/:*?"<>|%&+;=\x00-\x1f\x7f]/.test(text);
}
