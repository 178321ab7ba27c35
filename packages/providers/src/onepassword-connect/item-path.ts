import { invalidPath, isSegment } from "../shared/store/path.ts";

/** Where an item is; each part is a title or name, or an id. */
export interface ItemPath {
  /** Undefined: the one of the options. */
  readonly vault: string | undefined;
  readonly item: string;
}

/** Reads `item`, or `vault/item`. @throws {SecretError} INVALID_NAME `path` before anything is asked */
export function parseItemPath(path: string): ItemPath {
  const [item = "", vault, ...rest] = path.split("/").reverse();
  if (rest.length === 0 && isTitle(item) && (vault === undefined || isTitle(vault))) return { vault, item };
  throw invalidPath('Write the title or id of an item, such as "orders-db", or "Vault/item" for another vault.');
}

/** The item of a name, in which `/` is `-`. @throws {SecretError} INVALID_NAME `path` */
export function toItemTitle(name: string, prefix = ""): string {
  const title = (prefix + name).replaceAll("/", "-");
  parseItemPath(title);
  return title;
}

/** Whether a title can be asked for: it stands in quotes in a filter. */
export function isTitle(text: string): boolean {
  return text.isWellFormed() && isSegment(text) && !/["/]/.test(text);
}

/** Whether a text is an id, as 1Password makes them. */
export function isId(text: string): boolean {
  return /^[a-z0-9]{26}$/.test(text);
}
