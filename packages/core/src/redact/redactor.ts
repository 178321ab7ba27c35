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

/** How one value is registered. */
export interface RegisterOptions {
  /** The name in the marker; the reference of the secret. */
  readonly name: string;
  /** Default `auto`; of an object, or JSON in a text, one for each member by name. */
  readonly mask?: Masks | undefined;
  /** Whether the value is JSON whose strings are registered on their own, so that it is not read for them. Default: it is. */
  readonly isDocument?: boolean | undefined;
}

/** Counts, which reveal nothing about a value. */
export interface RedactorStats {
  /** Texts and runs of bytes that are looked for in every encoding: a value, and such parts of it as a password or a JSON string. */
  readonly values: number;
  /** Those of them that are looked for although their registration was released; with lines of theirs at most 2,000. */
  readonly retired: number;
  /** Encodings of all of them. */
  readonly variants: number;
  /** Their approximate size in memory, in bytes. */
  readonly bytes: number;
  /** Texts looked through so far. */
  readonly scanned: number;
  /** Names of values that their mask excludes from masking. */
  readonly unmaskable: number;
  /** Texts in which something was replaced so far. */
  readonly masked: number;
  /** Names of values that were masked in more than half of a thousand consecutive texts, so they may not be secrets. */
  readonly noisy: readonly string[];
}

/** The argument of `onWarning`, which is called once for each name. */
export interface RedactorWarning {
  readonly code: "unmaskable";
  readonly name: string;
  readonly message: string;
}

/** What `createRedactor` takes. */
export interface RedactorOptions {
  /** Called when a value cannot be masked; its exceptions are dropped. */
  readonly onWarning?: ((warning: RedactorWarning) => void) | undefined;
  /**
   * Called when a value was found in an output, after it was masked: at most once a minute for each name, sink and encoding.
   * Its exceptions are dropped. Default: no report.
   */
  readonly onLeak?: ((leak: Leak) => void) | undefined;
  /** How long a released value stays masked, at most until 2,000 younger ones were released. Default: no other limit. */
  readonly grace?: Duration | undefined;
  /** The source of time. Default: this machine's clock. */
  readonly clock?: Clock | undefined;
}

/** How a redacting stream behaves. */
export interface StreamOptions {
  /** The name of the output for `onLeak`. Default `stream`. */
  readonly sink?: string | undefined;
  /** How long the end of a chunk that may be the beginning of a value is held back; default "100ms". */
  readonly hold?: Duration | undefined;
}

/**
 * Finds registered values in output of the process and replaces them with `[REDACTED:name]`: as they are, in base64, hex and
 * other case, escaped for JSON, URLs and HTML to any depth, broken over lines, and as lists of bytes. Nothing here throws into
 * the caller: output that cannot be checked is replaced by a fixed line.
 */
export interface Redactor {
  /**
   * Registers a value, or everything in a Secret without revealing it, from now on. The function returned releases it, once;
   * a released value stays masked until `grace` is over, and at most until 2,000 younger parts of values were released.
   */
  register(value: string | Uint8Array | Secret<unknown>, options: RegisterOptions): () => void;
  /**
   * Returns the text with every registered value replaced. `sink` is the name of the output for `onLeak`, never its content.
   */
  redact(text: string, sink?: string): string;
  /** Does the same for one or more lines of JSON, which stay valid JSON. Other lines are treated as text. */
  redactJson(line: string, sink?: string): string;
  /**
   * Returns the value itself if it contains nothing registered, else a masked copy: strings, arrays, objects, Map, Set, errors,
   * bytes; keys too. The error of an HTTP client is always copied, as `error` does it. Content after 100,000 values is dropped.
   * `sink` as above.
   */
  deep<T>(value: T, sink?: string): T;
  /**
   * Returns a copy that is safe to print, also of a value that is not an Error. It has the class name, but not the methods, of
   * the original; of the error of an HTTP client it has the status, but no config, options, request or response.
   */
  error(error: unknown, sink?: string): Error;
  /** Returns the names of the values found in a text, by position, each once; for tests and leak checks. */
  find(text: string): string[];
  /** Returns a stream that masks the text that passes through, also across chunk boundaries. */
  transform(options?: StreamOptions): Transform;
  /** Returns such a stream in front of a destination, which it never ends: for loggers that take a stream, such as morgan. */
  writable(destination: Writable, options?: StreamOptions): Writable;
  /** Returns counts of the searched patterns, and the values that could not be masked. */
  stats(): RedactorStats;
}

const redactorRules = { onWarning: rules.function, onLeak: rules.function, grace: rules.any, clock: rules.clock };
const registerRules = { name: rules.text, mask: rules.any, isDocument: rules.flag };
const streamRules = { sink: rules.text, hold: rules.any };
const failedLine = "[REDACTED: could not be checked]";
const sharedKey = Symbol.for("tacit.redactor");
const mayHoldEscapes = /[\\%&\n<]/;

/** Creates a redactor with its own registry. */
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
    // one search is much cheaper than many, where no escape in one text can change how the next is read
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

/** The redactor of this process: one for all copies of this package, so that a value registered by one is masked by all. */
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
