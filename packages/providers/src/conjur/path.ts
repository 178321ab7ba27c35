import { checkSegments } from "../shared/store/path.ts";

/** @throws {SecretError} INVALID_NAME `path` before anything is asked */
export function checkPath(path: string): string {
  return checkSegments(path, 'Write the id of a variable, such as "prod/db/password": segments joined by one "/".');
}

/** Whether each read of a variable has Conjur make a credential. */
export function isDynamic(path: string): boolean {
  return path.startsWith("data/dynamic/") || path.startsWith("data/ephemerals/");
}
