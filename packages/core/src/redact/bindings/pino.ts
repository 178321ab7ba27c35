import { SecretError } from "../../error/secret-error.ts";
import { checkArgument } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { pinoOptionsRule, redactorRule } from "./argument-rules.ts";
import { maskedLine, uncheckedLine } from "./pino-line.ts";

/** Options whose hook masks. They do not match the types of pino before 9.6, which has no such hook. */
export type RedactedPinoOptions<Options> = Options & { hooks: { streamWrite: WriteHook } };

type WriteHook = (line: string) => string;

/** Hook created here -> its redactor. */
const hooksMade = new WeakMap<WriteHook, Redactor>();

/**
 * Returns options, for pino, pino-http or Fastify, with a hook that masks each finished line just before it is written. So it
 * covers messages, objects, errors, bindings, child loggers, every stream of a multistream and transport workers. A
 * `streamWrite` hook in the given options runs first, on the unmasked line; if it throws or does not return a string, a fixed
 * line is written.
 *
 * Pino 9.6 or later is required: older versions accept the options but do not mask, so use `redactDestination` there. The
 * metadata that a pino destination reads beside the line and pino's tracing channel (`pino_asJson`) are not masked.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument, and if the options contain a `logger`, which would bypass them
 */
export function redactPino<Options>(
  options?: Options,
  redactor: Redactor = defaultRedactor,
): RedactedPinoOptions<Options> {
  checkArgument("redactPino", "options", options, pinoOptionsRule);
  checkArgument("redactPino", "redactor", redactor, redactorRule);
  const { hooks, logger }: { hooks?: { streamWrite?: WriteHook }; logger?: unknown } = options ?? {};
  if (logger) {
    throw new SecretError(
      "INVALID_CONFIG",
      "redactPino masks only the lines of the logger that is created with its options",
      {
        tip: "Pass it the options of that `logger` instead.",
      },
    );
  }
  const streamWrite = redactedHook(hooks?.streamWrite, redactor);
  // The hooks may be an instance of a class.
  const copy: object = Object.create(Object.getPrototypeOf(hooks ?? {}));
  return { ...options, hooks: Object.assign(copy, hooks, { streamWrite }) } as RedactedPinoOptions<Options>;
}

function redactedHook(own: WriteHook | undefined, redactor: Redactor): WriteHook {
  if (own !== undefined && hooksMade.get(own) === redactor) return own;
  const hook = own === undefined ? (line: string) => maskedLine(line, redactor) : after(own, redactor);
  hooksMade.set(hook, redactor);
  return hook;
}

function after(own: WriteHook, redactor: Redactor): WriteHook {
  return (line) => {
    try {
      return maskedLine(own(line), redactor);
    } catch {
      // The unmasked line is not used, because it contains what the hook would have removed.
      return uncheckedLine;
    }
  };
}
