import type { Transform, Writable } from "node:stream";
import { inspect, types } from "node:util";
import { checkArgument, checkOptions, rules } from "../name/check-options.ts";
import type { Secret } from "../secret/secret.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { type Duration, toMilliseconds } from "../time/duration.ts";
import { isCleanData } from "./clean-data.ts";
import { DeepCopy, type Masker } from "./deep-copy.ts";
import { Finder, type TextKind } from "./engine/finder.ts";
import { PatternIndex } from "./engine/pattern-index.ts";
import { PrefixTable } from "./engine/prefix-table.ts";
import { Unfinished } from "./engine/unfinished.ts";
import { copyError } from "./error-copy.ts";
import { type Leak, LeakReports } from "./leak-reports.ts";
import type { Masks } from "./mask-policy.ts";
import { partsOf } from "./parts.ts";
import { Registry } from "./registry.ts";
import { redactingTransform, redactingWritable, type StreamSettings } from "./stream/redacting-stream.ts";
import { TextMasker } from "./text-masker.ts";

/** The options of a registration. */
export interface RegisterOptions {
  /** The name in the marker, such as the reference of the secret. */
  readonly name: string;
  /** The mask of the value, or the masks of the members of an object or of JSON in a text, by name. Default: `auto`. */
  readonly mask?: Masks | undefined;
  /** Whether the value is JSON whose strings are registered separately, so that it is not searched for them. Default: false. */
  readonly isDocument?: boolean | undefined;
}

/** Counts that reveal nothing about values. */
export interface RedactorStats {
  /**
   * The number of texts and byte sequences that are searched in every encoding: values and parts of them, such as a password or
   * a JSON string.
   */
  readonly values: number;
  /** The number of those whose registrations were released but that are still searched; at most 2,000 including their lines. */
  readonly retired: number;
  /** The number of encoded variants of all of them. */
  readonly variants: number;
  /** Their approximate size in memory, in bytes. */
  readonly bytes: number;
  /** The number of texts searched so far. */
  readonly scanned: number;
  /** The number of names whose values cannot be masked. */
  readonly unmaskable: number;
  /** The number of texts in which a value was replaced so far. */
  readonly masked: number;
  /** The names of values that were masked in more than half of a thousand consecutive texts, and so may not be secrets. */
  readonly noisy: readonly string[];
}

/** The argument of `onWarning`, which is called once for each name. */
export interface RedactorWarning {
  readonly code: "unmaskable";
  readonly name: string;
  readonly message: string;
}

/** The options of `createRedactor`. */
export interface RedactorOptions {
  /** Called when a value cannot be masked, once for each name; its exceptions are dropped. Default: no warning. */
  readonly onWarning?: ((warning: RedactorWarning) => void) | undefined;
  /**
   * Called when a value was found in an output, after it was masked: at most once a minute for each name, sink and encoding.
   * Its exceptions are dropped. Default: no report.
   */
  readonly onLeak?: ((leak: Leak) => void) | undefined;
  /**
   * The time for which a released value stays masked, at most until 2,000 newer parts of values were released. Default: no time
   * limit.
   */
  readonly grace?: Duration | undefined;
  /** The source of time. Default: this machine's clock. */
  readonly clock?: Clock | undefined;
}

/** The options of a redacting stream. */
export interface StreamOptions {
  /** The name of the output for `onLeak`. Default `stream`. */
  readonly sink?: string | undefined;
  /** The time for which the end of a chunk is held back if it may be the beginning of a value. Default: "100ms". */
  readonly hold?: Duration | undefined;
}

/**
 * Finds registered values in the output of the process and replaces them with `[REDACTED:name]`: unchanged, in base64, hex or
 * another case, escaped for JSON, URLs and HTML to any depth, broken over lines, and as lists of bytes. The methods that mask
 * never throw: output that cannot be checked is replaced with a fixed line.
 */
export interface Redactor {
  /**
   * Registers a value, or all values in a Secret without revealing it. Returns a function that releases it, once. A released
   * value stays masked until `grace` has passed, and at most until 2,000 newer parts of values were released.
   * @throws {SecretError} INVALID_CONFIG for a wrong option
   */
  register(value: string | Uint8Array | Secret<unknown>, options: RegisterOptions): () => void;
  /**
   * Returns the text with every registered value replaced. `sink` is the name of the output for `onLeak`, never its content.
   */
  redact(text: string, sink?: string): string;
  /**
   * Returns one or more lines of JSON with every registered value replaced; they stay valid JSON. Other lines are treated as
   * text.
   */
  redactJson(line: string, sink?: string): string;
  /**
   * Returns the value itself if it contains no registered value, else a masked copy: of strings, arrays, objects, Map, Set,
   * errors and bytes, including their keys. The error of an HTTP client is always copied, as by `error`. Content after 100,000
   * values is omitted. `sink` is the name of the output for `onLeak`.
   */
  deep<T>(value: T, sink?: string): T;
  /**
   * Returns a copy that is safe to print, also of a value that is not an Error. It has the class name, but not the methods, of
   * the original; of the error of an HTTP client it has the status, but no config, options, request or response.
   */
  error(error: unknown, sink?: string): Error;
  /** Returns the names of the values found in a text, by position, each once; for tests and leak checks. */
  find(text: string): string[];
  /**
   * Returns a stream that masks the text that passes through it, also across chunks.
   * @throws {SecretError} INVALID_CONFIG for a wrong option
   */
  transform(options?: StreamOptions): Transform;
  /**
   * Returns a stream that masks text and writes it to a destination, which it never ends; for loggers that take a stream, such
   * as morgan.
   * @throws {SecretError} INVALID_CONFIG for a wrong argument or option
   */
  writable(destination: Writable, options?: StreamOptions): Writable;
  /** Returns the present counts. */
  stats(): RedactorStats;
}

const redactorRules = { onWarning: rules.function, onLeak: rules.function, grace: rules.any, clock: rules.clock };
const registerRules = { name: rules.text, mask: rules.any, isDocument: rules.flag };
const streamRules = { sink: rules.text, hold: rules.any };
const failedLine = "[REDACTED: could not be checked]";
const sharedKey = Symbol.for("tacit.redactor");
const mayHoldEscapes = /[\\%&\n<]/;

/**
 * Creates a redactor with its own registry.
 * @throws {SecretError} INVALID_CONFIG for a wrong option
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  checkOptions("createRedactor", options, redactorRules);
  const { clock = systemClock, grace } = options;
  const graceMs =
    grace === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(grace, "`grace` of createRedactor", { zero: true });
  const index = new PatternIndex();
  const prefixes = new PrefixTable(index);
  const registry = new Registry(index, graceMs, clock);
  const finder = new Finder(index, prefixes);
  const masker = new TextMasker(finder, new LeakReports(options.onLeak, clock));
  const unmaskable = new Set<string>();

  const mask = (text: string, kind: TextKind, sink: string): string => {
    if (graceMs !== Number.POSITIVE_INFINITY) registry.forgetExpired();
    return masker.mask(text, kind, sink);
  };
  const isClean = (texts: readonly string[]): boolean => {
    if (graceMs !== Number.POSITIVE_INFINITY) registry.forgetExpired();
    // One search is much cheaper than many; it is possible if no escape in one text can affect the next.
    const all = texts.join("\x01");
    const searched = mayHoldEscapes.test(all) ? texts : [all];
    return searched.every((text) => finder.find(text).length === 0);
  };
  const maskIn = (sink: string): Masker => ({
    text: (text) => mask(text, "text", sink),
    binary: (binary) => mask(binary, "text", sink),
    isClean,
  });
  const warn = (name: string): void => {
    if (unmaskable.has(name)) return;
    unmaskable.add(name);
    const message = `${name} has a value that is too short or too common to mask in logs`;
    attempt(
      () => options.onWarning?.({ code: "unmaskable", name, message }),
      () => undefined,
    );
  };

  const streamSettings = ({ sink = "stream", hold = "100ms" }: StreamOptions = {}): StreamSettings => ({
    masking: {
      finder,
      unfinished: new Unfinished(index, prefixes),
      marker: (pattern) => masker.marker(pattern),
      report: (ranges) => masker.report(ranges, sink),
    },
    clock,
    holdMs: toMilliseconds(hold, "`hold` of a stream", { zero: true }),
  });

  return Object.freeze<Redactor>({
    register(value, options) {
      checkOptions("register", options, registerRules);
      const { name = "", mask: policy = "auto", isDocument } = options ?? {};
      const parts = attempt(
        () => [...partsOf(value, policy, isDocument)],
        () => [],
      );
      if (parts.length === 0 && policy !== "never") warn(name);
      return registry.add(parts, name);
    },
    redact(text, sink = "text") {
      try {
        return mask(typeof text === "string" ? text : String(text), "text", sink);
      } catch {
        return failedLine;
      }
    },
    redactJson(line, sink = "json") {
      try {
        return mask(typeof line === "string" ? line : String(line), "json", sink);
      } catch {
        return `${JSON.stringify({ msg: failedLine })}\n`;
      }
    },
    deep: <T>(value: T, sink = "deep"): T => {
      const sinkMasker = maskIn(sink);
      if (isCleanData(value, sinkMasker)) return value;
      const walk = new DeepCopy(sinkMasker);
      const copy = attempt(
        () => walk.visit(value),
        () => failedLine,
      );
      return copy === failedLine || walk.replacements > 0 ? (copy as T) : value;
    },
    error: (error, sink = "error") =>
      attempt(
        () => printableError(error, new DeepCopy(maskIn(sink))),
        () => new Error(failedLine),
      ),
    find: (text) =>
      attempt(
        () => [...new Set(finder.find(String(text)).flatMap(({ pattern }) => [...pattern.names.keys()]))],
        () => [],
      ),
    transform: (settings) => {
      checkOptions("transform", settings, streamRules);
      return redactingTransform(streamSettings(settings));
    },
    writable: (destination, settings) => {
      checkArgument("writable", "destination", destination, rules.methods("write"));
      checkOptions("writable", settings, streamRules);
      return redactingWritable(streamSettings(settings), destination);
    },
    stats: () => ({
      ...registry.counts(),
      unmaskable: unmaskable.size,
      variants: index.variants,
      bytes: index.byteLength,
      scanned: masker.scanned,
      masked: masker.masked,
      noisy: masker.noisy,
    }),
  });
}

/** The redactor of this process. All copies of this package share it, so that each masks the values that another has registered. */
export const defaultRedactor: Redactor = sharedRedactor();

function sharedRedactor(): Redactor {
  const shared = (globalThis as Record<symbol, unknown>)[sharedKey] as Redactor | undefined;
  if (typeof shared?.register === "function") return shared;
  const redactor = createRedactor();
  Reflect.defineProperty(globalThis, sharedKey, { value: redactor });
  return redactor;
}

function attempt<T>(run: () => T, otherwise: () => T): T {
  try {
    return run();
  } catch {
    return otherwise();
  }
}

function printableError(error: unknown, walk: DeepCopy): Error {
  if (types.isNativeError(error) || error instanceof Error) return copyError(error, walk, 0);
  const shown = walk.visit(error);
  const message = typeof shown === "string" ? shown : inspect(shown, { depth: 4 });
  const copy = new Error(walk.text(message));
  copy.stack = `${copy.name}: ${copy.message}`;
  return copy;
}
