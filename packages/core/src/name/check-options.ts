import { atCallerOf } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import { nearest } from "./nearest.ts";

/** Returns the fault of a value, such as "must be a function"; undefined if it is valid. */
export type OptionRule = (value: unknown) => string | undefined;

/** option -> its rule; an option that is not listed is refused */
export type OptionRules = Readonly<Record<string, OptionRule>>;

/** The rules for common types of options. */
export const rules = {
  /** Accepts anything; the function that reads the option checks it. */
  any: (): undefined => undefined,
  /** Accepts true and false. */
  flag: (value: unknown) => (typeof value === "boolean" ? undefined : "must be true or false"),
  /** Accepts a function. */
  function: (value: unknown) => (typeof value === "function" ? undefined : "must be a function"),
  /** Accepts a string. */
  text: (value: unknown) => (typeof value === "string" ? undefined : "must be text"),
  /** Accepts an object, including an array. */
  object: (value: unknown) => (typeof value === "object" && value !== null ? undefined : "must be an object"),
  /** Accepts an object that is not an array. */
  record: (value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? undefined
      : "must be an object keyed by name",
  /** Accepts an AbortSignal of any realm. */
  signal: (value: unknown) => (isSignal(value) ? undefined : "must be an AbortSignal"),
  /** Accepts an object with certain methods. */
  methods,
  /** Accepts a `Clock`. */
  clock: methods("now", "monotonic", "setTimer"),
  /** Accepts one of the given words. */
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
 * Checks the options of a public function: unknown options and wrong types are refused, not ignored. The public function
 * must call this directly, because the stack of the error begins at the caller of that function.
 * @param call the name of the function, for messages: "getSecret"
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
 * Checks an argument of a public function other than its options.
 * @param call the name of the function, for messages: "gracefulClose"
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

/** Checks the shape, because `instanceof` fails for signals of another realm, such as a test environment's. */
function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}
