import { SecretError, type SecretPayload } from "@tacit/core/provider";
import { type Environment, variableOf } from "./environment.ts";
import { readVariableFile } from "./variable-file.ts";

/** The place of one secret in the environment. */
export type Found =
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "file"; readonly variable: string; readonly file: string }
  /** field -> the variable that holds it */
  | { readonly kind: "fields"; readonly variables: ReadonlyMap<string, string> };

/**
 * Finds the one form in which a path is set: `X`, `X_FILE`, or fields `X__*`; for `X*`, every variable that begins with X.
 * @throws {SecretError} INVALID_VALUE, reason `ambiguous`, when several forms are set; it names the variables
 */
export function lookUp(environment: Environment, path: string, separator: string): Found | undefined {
  if (path.endsWith("*")) return fieldsOf(environment, path.slice(0, -1), (rest) => rest);
  const text = variableOf(environment, path);
  const file = variableOf(environment, `${path}_FILE`);
  const fields = fieldsOf(environment, `${path}${separator}`, portableField);
  const set: string[] = [];
  if (text !== undefined) set.push(path);
  if (file !== undefined) set.push(`${path}_FILE`);
  if (fields !== undefined) set.push(...fields.variables.values());
  if (set.length > 1 && (text ?? file) !== undefined) throw ambiguous(set, "all mean the same secret");
  if (text !== undefined) return { kind: "value", text };
  return file === undefined ? fields : { kind: "file", variable: `${path}_FILE`, file };
}

/**
 * Reads what was found.
 * @throws {SecretError} UNAVAILABLE, PERMISSION_DENIED or INVALID_VALUE when a file cannot be read
 */
export async function payloadOf(found: Found, environment: Environment): Promise<SecretPayload> {
  if (found.kind === "value") return { kind: "value", bytes: bytesOf(found.text) };
  if (found.kind === "file") {
    return { kind: "value", bytes: await readVariableFile(found.file, `the file in ${found.variable}`) };
  }
  const fields = new Map<string, Uint8Array>();
  for (const [field, variable] of found.variables) fields.set(field, bytesOf(environment[variable] ?? ""));
  return { kind: "fields", fields };
}

/** Not `Buffer.from`: its pool would keep the value beside other text, and past the Secret. */
function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function fieldsOf(
  environment: Environment,
  start: string,
  toField: (rest: string) => string,
): (Found & { kind: "fields" }) | undefined {
  const variables = new Map<string, string>();
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith(start) || variable.length === start.length) continue;
    const field = toField(variable.slice(start.length));
    const other = variables.get(field);
    if (other !== undefined) throw ambiguous([other, variable], "differ only in case and mean the same field");
    variables.set(field, variable);
  }
  return variables.size === 0 ? undefined : { kind: "fields", variables };
}

/** `PASSWORD` is the field `password`, as other stores spell it. With a small letter in it somebody chose the case: it is kept. */
function portableField(rest: string): string {
  return /[a-z]/.test(rest) ? rest : rest.toLowerCase();
}

const mostListed = 8;

function ambiguous(variables: readonly string[], why: string): SecretError {
  const listed = variables.slice(0, mostListed).join(", ");
  const more = variables.length > mostListed ? ` and ${variables.length - mostListed} more` : "";
  return new SecretError("INVALID_VALUE", `the variables ${listed}${more} ${why}`, {
    reason: "ambiguous",
    tip: "Set exactly one form: the value (X), a file that contains it (X_FILE), or its fields (X__FIELD).",
  });
}
