import type { StandardIssue, StandardResult, StandardSchemaV1 } from "../contract/standard-schema.ts";
import { type SchemaIssue, SecretError } from "../error/secret-error.ts";
import { thrownBy } from "../error/thrown.ts";
import { quotedName } from "../name/listed-names.ts";
import type { DecodeContext, Decoded } from "./codec.ts";

/** Returns whether a value is a Standard Schema; a schema may be a function, as those of arktype are. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  const standard = member(value, "~standard");
  return member(standard, "version") === 1 && typeof member(standard, "validate") === "function";
}

/** Returns a member of any value; undefined if it has none of that name. */
export function member(holder: unknown, key: string): unknown {
  const holds = (typeof holder === "object" && holder !== null) || typeof holder === "function";
  return holds ? (holder as unknown as Record<string, unknown>)[key] : undefined;
}

/**
 * Validates a value with a schema, after registering it for masking. The error contains the paths and codes of the schema's
 * issues, but not their messages, which may quote the value.
 * @throws {SecretError} INVALID_VALUE, reason `schema`, for issues; REFUSED, reason `threw`, if the schema throws; a rejection
 *   if it is asynchronous
 */
export function checkSchema<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  context: DecodeContext,
): Decoded<T> | Promise<Decoded<T>> {
  context.expose(value);
  let result: StandardResult<T> | Promise<StandardResult<T>>;
  try {
    result = schema["~standard"].validate(value);
  } catch (error) {
    throw schemaFailed(error, context);
  }
  if (!("then" in result)) return accepted(result, context);
  return result.then(
    (settled) => accepted(settled, context),
    (error: unknown) => Promise.reject(schemaFailed(error, context)),
  );
}

function accepted<T>(result: StandardResult<T>, { reference }: DecodeContext): Decoded<T> {
  if (result.issues === undefined) return { kind: "value", value: result.value };
  const issues = distinct(result.issues.map(toSchemaIssue));
  throw new SecretError("INVALID_VALUE", `"${reference}" does not match its schema at: ${listed(issues)}`, {
    reason: "schema",
    reference,
    issues: issues.slice(0, mostIssues),
    tip: "Compare these places with the schema; its own messages are withheld, because they may quote the value.",
  });
}

const mostIssues = 20;
const longestPath = 200;

/** Reduces an issue to its path and code. zod and arktype name the code `code`, valibot `type`. */
function toSchemaIssue(issue: StandardIssue): SchemaIssue {
  const keys = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
  const path = keys.map(String).join(".").slice(0, longestPath);
  const code = [member(issue, "code"), member(issue, "type")].find(isCode);
  return Object.freeze(code === undefined ? { path } : { path, code });
}

/**
 * Returns whether a code looks like an identifier, such as `invalid_type` or `sha256`, and not like text that may contain a
 * value.
 */
function isCode(code: unknown): code is string {
  return typeof code === "string" && /^[A-Za-z][A-Za-z_.-]{0,43}[0-9]{0,3}$/.test(code);
}

function distinct(issues: readonly SchemaIssue[]): readonly SchemaIssue[] {
  return [...new Map(issues.map((issue) => [`${issue.path}\n${issue.code}`, issue])).values()];
}

/** Lists each path once, with the codes of its issues. */
function listed(issues: readonly SchemaIssue[]): string {
  const codesOf = Map.groupBy(issues, ({ path }) => path);
  const places = [...codesOf].map(([path, ofPath]) => {
    const codes = ofPath.flatMap(({ code }) => code ?? []);
    const place = path === "" ? "the whole value" : quotedName(path);
    return codes.length === 0 ? place : `${place} (${codes.join(", ")})`;
  });
  const rest = places.length - mostIssues;
  return places.slice(0, mostIssues).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function schemaFailed(error: unknown, context: DecodeContext): SecretError {
  const { reference } = context;
  const { words, cause } = thrownBy(error, (text) => context.mask?.(text));
  return new SecretError("REFUSED", `the schema of "${reference}" threw ${words}`, {
    reason: "threw",
    reference,
    cause,
    tip: "Correct the schema: it should return issues.",
  });
}
