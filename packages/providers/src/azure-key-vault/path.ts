import { invalidPath, withPrefix } from "../shared/store/path.ts";

/** One secret, or one version of it. */
export interface SecretPath {
  readonly name: string;
  /** 32 hexadecimal digits; undefined for the current one. */
  readonly version: string | undefined;
}

/**
 * Reads `db-primary`, or `db-primary/4387e9f3d6e14c459867679a90fd0f79`.
 * @throws {SecretError} INVALID_NAME `path`
 */
export function parsePath(path: string): SecretPath {
  const [name = "", version, ...rest] = path.split("/");
  if (isSecretName(name) && (version === undefined || isVersion(version)) && rest.length === 0)
    return { name, version };
  throw invalidPath(tip);
}

/**
 * The secret of a name: the prefix and the name joined by `/`, in which `/`, `.` and `_`, which no secret's name holds, are `-`.
 * @throws {SecretError} INVALID_NAME `path` for what is too long even so
 */
export function toSecretPath(name: string, prefix: string | undefined): string {
  const secret = toName(withPrefix(name, prefix));
  if (isSecretName(secret)) return secret;
  throw invalidPath(tip);
}

/** In lower case, as the vault knows no other: two names that differ in case alone are one secret. */
export function toName(text: string): string {
  return text.replace(/[/._]/g, "-").toLowerCase();
}

/** @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name */
export function isSecretName(name: string): boolean {
  return /^[0-9A-Za-z-]{1,127}$/.test(name);
}

/** Whether a text can be the id of a version. */
export function isVersion(version: string): boolean {
  return /^[0-9a-fA-F]{32}$/.test(version);
}

const tip =
  'Write "db-primary", or "db-primary/<id of a version>": letters, digits and "-", 127 at most. Bind any other name to a secret.';
