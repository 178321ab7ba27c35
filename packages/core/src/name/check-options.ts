import { atCallerOf } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import { nearest } from "./nearest.ts";

/** Returns the fault of a value, such as "must be a function"; undefined if it is valid. */
export type OptionRule = (value: unknown) => string | undefined;

/** option -> its rule; an option without a rule is checked where it is read */
export type OptionRules = Readonly<Record<string, OptionRule>>;

/** The rules of which most options are made. */
export const rules = {
  /** Anything; the reader checks it. */
  any: (): undefined => undefined,
  /** True or false. */
  flag: (value: unknown) => (typeof value === "boolean" ? undefined : "must be true or false"),
  /** A function. */
  function: (value: unknown) => (typeof value === "function" ? undefined : "must be a function"),
  /** A string. */
  text: (value: unknown) => (typeof value === "string" ? undefined : "must be text"),
  /** An object. */
  object: (value: unknown) => (typeof value === "object" && value !== null ? undefined : "must be an object"),
  /** An object with members by name; not an array. */
  record: (value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? undefined
      : "must be an object keyed by name",
  /** An AbortSignal, of any realm. */
  signal: (value: unknown) => (isSignal(value) ? undefined : "must be an AbortSignal"),
  /** An object with certain methods. */
  methods,
  /** A clock, real or of a test. */
  clock: methods("now", "monotonic", "setTimer"),
  /** One of a few words. */
  oneOf:
    (...words: readonly string[]) =>
    (value: unknown) =>
      words.includes(value as string) ? undefined : `must be ${words.map((word) => `"${word}"`).join(" or ")}`,
} as const;

/** Accepts an object with certain methods. */
function methods(...names: readonly string[]): OptionRule {
  const list = names.map((name) => `\`${name}()\``).join(" and ");
  return (value) => {
    const members = value as Readonly<Record<string, unknown>> | null | undefined;
    return names.every((name) => typeof members?.[name] === "function") ? undefined : `must have ${list}`;
  };
}

/**
 * Checks the options of a public call: an unknown one and one of the wrong type are refused instead of being ignored. The call
 * itself must ask, since the stack of the error begins at its caller.
 * @param call the call, for messages: "getSecret"
 * @throws {SecretError} INVALID_CONFIG, reason `option`, with the call, the option, and the nearest known one
 */
export function checkOptions(call: string, options: unknown, known: OptionRules): void {
  if (options === undefined) return;
  const problem = optionProblem(call, options, known);
  if (problem !== undefined) throw atCallerOf(wrongOption(problem, call, known), checkOptions);
}

function optionProblem(call: string, options: unknown, known: OptionRules): string | undefined {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    return `the options of ${call} must be an object`;
  for (const [option, value] of Object.entries(options)) {
    const rule = Object.hasOwn(known, option) ? known[option] : undefined;
    if (rule === undefined) return unknownOption(call, option, known);
    const problem = value === undefined ? undefined : rule(value);
    if (problem !== undefined) return `\`${option}\` of ${call} ${problem}`;
  }
  return undefined;
}

/**
 * Checks an argument of a public call other than its options.
 * @param call the call, for messages: "gracefulClose"
 * @throws {SecretError} INVALID_CONFIG, reason `option`, with the call and the argument
 */
export function checkArgument(call: string, argument: string, value: unknown, rule: OptionRule): void {
  const problem = rule(value);
  if (problem === undefined) return;
  const error = new SecretError("INVALID_CONFIG", `\`${argument}\` of ${call} ${problem}`, {
    reason: "option",
    tip: `Look at the parameters of ${call}.`,
  });
  throw atCallerOf(error, checkArgument);
}

function unknownOption(call: string, option: string, known: OptionRules): string {
  const near = nearest(option, Object.keys(known));
  return `${call} has no option ${JSON.stringify(option.slice(0, 64))}${near === undefined ? "" : `; did you mean "${near}"?`}`;
}

function wrongOption(message: string, call: string, known: OptionRules): SecretError {
  return new SecretError("INVALID_CONFIG", message, {
    reason: "option",
    tip: `The options of ${call} are: ${Object.keys(known).join(", ")}.`,
  });
}

/** By its shape: signals of other realms, such as a test environment's, are none by `instanceof`. */
function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}
