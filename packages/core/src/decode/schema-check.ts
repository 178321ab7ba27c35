import type { StandardIssue, StandardResult, StandardSchemaV1 } from "../contract/standard-schema.ts";
import { SecretError } from "../error/secret-error.ts";
import { listedNames } from "../name/listed-names.ts";
import type { DecodeContext, Decoded } from "./codec.ts";

/**
 * Runs a schema over a value after exposing it. Only the paths of its issues are told: their messages may quote the value,
 * and so may whatever it throws, of which the error constructor keeps no message.
 * @throws {SecretError} INVALID_VALUE, reason `schema`; as a rejection where the schema is asynchronous
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
  const places = new Set(result.issues.map(placeOf));
  throw new SecretError("INVALID_VALUE", `${reference} does not fit its schema at: ${listedNames(places)}.`, {
    reason: "schema",
    reference,
    tip: "Compare these places with the schema; its own messages are withheld, because they may quote the value.",
  });
}

function placeOf(issue: StandardIssue): string {
  const keys = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
  return keys.length === 0 ? "(the whole value)" : keys.map(String).join(".");
}

function schemaFailed(error: unknown, { reference }: DecodeContext): SecretError {
  return new SecretError("INVALID_VALUE", `The schema of ${reference} threw instead of answering.`, {
    reason: "schema",
    reference,
    cause: error,
    tip: "Correct the schema; the message of what it threw is withheld, because it may quote the value.",
  });
}
