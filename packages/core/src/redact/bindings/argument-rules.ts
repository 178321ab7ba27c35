import { type OptionRule, rules } from "../../name/check-options.ts";

const hasRedact = rules.methods("redact");

/** Accepts a redactor. */
export const redactorRule: OptionRule = (value) => {
  const fault = hasRedact(value);
  return isClient(value) ? `${fault}: pass the \`redactor\` of the client, not the client` : fault;
};

/** Accepts the options of pino, pino-http or Fastify's logger, in which everything is optional; they mask nothing if they are something else. */
export const pinoOptionsRule: OptionRule = (value) => {
  if (value === undefined || value === null) return undefined;
  const expected = "must be the options of the logger";
  if (rules.record(value) !== undefined) return expected;
  if (isClient(value)) return `${expected}, not a client: its \`redactor\` is the second argument`;
  if (hasRedact(value) === undefined) return `${expected}: the redactor is the second argument`;
  const isMade = ["child", "write"].some((name) => rules.methods(name)(value) === undefined);
  return isMade ? `${expected}, not a logger or its destination` : undefined;
};

/** Accepts a transport of winston. */
export const transportRule: OptionRule = (value) =>
  ["log", "write"].some((name) => rules.methods(name)(value) === undefined)
    ? undefined
    : "must have `log()` or `write()`";

function isClient(value: unknown): boolean {
  const { redactor } = (value ?? {}) as { readonly redactor?: unknown };
  return hasRedact(value) !== undefined && hasRedact(redactor) === undefined;
}
