import { SecretError } from "@tacit/core/provider";
import type { EnvOptions } from "./options.ts";

/**
 * The variable of a name: `db/primary` is `DB_PRIMARY`, behind the prefix. Upper case, and an underscore for every
 * character that is neither a letter nor a digit. A name listed in `envFrom` is its prefix and a star.
 * @throws {SecretError} INVALID_NAME when no variable can have that name
 */
export function toVariable(name: string, { prefix, envFrom, separator }: EnvOptions): string {
  const from = Object.hasOwn(envFrom, name) ? envFrom[name] : undefined;
  const path = from === undefined ? prefix + name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_") : `${from}*`;
  assertVariable(path);
  if (from === undefined && (path.endsWith("_FILE") || path.includes(separator))) throw claimed();
  return path;
}

/** `db/file` would be the variable that says where `db` is read, `db-/user` that of a field of `db`. */
function claimed(): SecretError {
  return new SecretError("INVALID_NAME", "the variable of that name would refer to a file or a field of another name", {
    reason: "variable",
    tip: "Choose a name whose variable does not end in _FILE or contain the separator, or bind the name to a path.",
  });
}

/**
 * Checks a path: a variable as it is written, or the start of several and a star.
 * @throws {SecretError} INVALID_NAME
 */
export function assertVariable(path: string): void {
  if (variable.test(path)) return;
  throw new SecretError("INVALID_NAME", "no environment variable can have that name", {
    reason: "variable",
    tip: "A variable begins with a letter or an underscore and continues with letters, digits, _ . or -; for a name that begins with a digit, set the `prefix` option.",
  });
}

/** Names that Kubernetes takes for a variable everywhere. `process.env` would also hold others. */
const variable = /^[A-Za-z_][A-Za-z0-9_.-]*\*?$/;
