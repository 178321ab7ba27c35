import { invalidPath, withPrefix } from "../shared/store/path.ts";

/** One secret, or one version of it. */
export interface SecretPath {
  readonly name: string;
  /** A number or an alias; undefined for the latest. */
  readonly version: string | undefined;
}

/**
 * Reads `db-primary`, or `db-primary/versions/live`.
 * @throws {SecretError} INVALID_NAME `path`
 */
export function parsePath(path: string): SecretPath {
  const [, name = "", version] = /^([^/]*)(?:\/versions\/([^/]+))?$/.exec(path) ?? [];
  if (isSecretName(name) && (version === undefined || isVersion(version)))
    return { name, version: version === latest ? undefined : version };
  throw invalidPath(tip);
}

/**
 * The secret of a name: the prefix and the name joined by `/`, in which `/` and `.`, which no secret's name holds, are `-`.
 * @throws {SecretError} INVALID_NAME `path` for what is too long even so
 */
export function toSecretPath(name: string, prefix: string | undefined): string {
  const secret = withPrefix(name, prefix).replace(/[/.]/g, "-");
  if (isSecretName(secret)) return secret;
  throw invalidPath(tip);
}

/** Asks for the newest version, whatever its state. */
export const latest = "latest";

/** @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create */
export function isSecretName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,255}$/.test(name);
}

/** A number, or an alias. @see https://cloud.google.com/secret-manager/docs/assign-alias-to-secret-version */
export function isVersion(version: string): boolean {
  return /^(?:[1-9]\d{0,8}|[A-Za-z][A-Za-z0-9_-]{0,62})$/.test(version);
}

/** An id, one of a domain (`example.com:orders`), or a number. */
export function isProject(project: string): boolean {
  return /^(?:[a-z0-9.-]{1,63}:)?[a-z0-9-]{1,63}$/.test(project);
}

/** Whether a text can stand in the host of a region. */
export function isLocation(location: string): boolean {
  return /^[a-z]+[a-z0-9-]{0,40}[a-z0-9]$/.test(location);
}

const tip =
  'Write "db-primary", or "db-primary/versions/live" for one version or alias: letters, digits, "-" and "_". Bind any other name to a secret.';
