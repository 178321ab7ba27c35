import { invalidPath, withPrefix } from "../shared/store/path.ts";

/** @throws {SecretError} INVALID_NAME `path` before anything is asked */
export function checkPath(path: string): string {
  if (isSecretName(path)) return path;
  throw invalidPath(tip);
}

/** The secret of a name: the prefix and the name joined by `/`. @throws {SecretError} INVALID_NAME `path` */
export function toSecretPath(name: string, prefix: string | undefined): string {
  return checkPath(withPrefix(name, prefix));
}

/** @see https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-createsecret */
export function isSecretName(path: string): boolean {
  return /^[\w/+=.@-]{1,192}$/.test(path) && path.split("/").every((segment) => !/^\.{0,2}$/.test(segment));
}

const tip = 'Write "prod/db": letters, digits and _/+=.@- in segments joined by one "/", 192 at most.';
