import { checkSegments, invalidPath } from "../shared/store/path.ts";

/** Where a secret is. */
export interface SecretPath {
  /** Whether it is leased rather than read. */
  readonly isDynamic: boolean;
  /** `/` or `/orders/db`. */
  readonly folder: string;
  readonly name: string;
}

/** Reads `folder/NAME`, or `dynamic/folder/name`. @throws {SecretError} INVALID_NAME `path` before anything is asked */
export function parseSecretPath(path: string): SecretPath {
  const segments = checkSegments(path, tip).split("/");
  const isDynamic = segments.length > 1 && segments[0] === "dynamic";
  if (isDynamic) segments.shift();
  const name = segments.pop() ?? "";
  return { isDynamic, folder: `/${segments.join("/")}`, name };
}

/** Checks what stands before names. @throws {SecretError} INVALID_NAME `path` */
export function checkFolder(path: string): void {
  if (parseSecretPath(path).isDynamic) throw invalidPath(tip);
}

const tip = 'Write folders and the name of a secret, such as "orders/DB_PASSWORD", or "dynamic/orders/db".';
