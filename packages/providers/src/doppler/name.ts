import { invalidPath } from "../shared/store/path.ts";

/** The secret of a name: upper case, and an underscore for all that is neither letter nor digit. @throws {SecretError} INVALID_NAME `path` */
export function toSecretName(name: string, prefix = ""): string {
  return checkName(prefix + name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_"));
}

/** Checks the name of a secret. @throws {SecretError} INVALID_NAME `path` before anything is asked */
export function checkName(name: string): string {
  if (isName(name)) return name;
  throw invalidPath(
    "Names in Doppler consist of capitals, digits and underscores, and do not begin with a digit: DB_PRIMARY.",
  );
}

/** Whether a text can be the name of a secret. */
export function isName(text: string): boolean {
  return /^[A-Z_][A-Z0-9_]{0,199}$/.test(text);
}
