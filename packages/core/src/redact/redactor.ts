import type { Transform, Writable } from "node:stream";
import { inspect, types } from "node:util";
import type { Secret } from "../secret/secret.ts";
import { DeepCopy, type Masker } from "./deep-copy.ts";
import { copyError } from "./error-copy.ts";
import { formsOf } from "./forms.ts";
import type { Mask } from "./mask-policy.ts";
import { findOccurrences, maskBinary, maskText } from "./plain-masking.ts";
import { redactingTransform, redactingWritable } from "./redacting-stream.ts";
import { Registry } from "./registry.ts";

/** How one value is registered. */
export interface RegisterOptions {
  /** What the marker says; the reference of the secret. */
  readonly name: string;
  /** Default `auto`. */
  readonly mask?: Mask | undefined;
}

/** Counts; nothing in them tells of a value. */
export interface RedactorStats {
  /** Forms that are looked for and still registered. */
  readonly values: number;
  /** Forms that are looked for although their registration was released; at most 2,000. */
  readonly retired: number;
  /** Names under which a value was given that its mask does not allow to be masked. */
  readonly unmaskable: number;
  /** Texts in which something was replaced so far. */
  readonly masked: number;
}

/** Told once per name. */
export interface RedactorWarning {
  readonly code: "unmaskable";
  readonly name: string;
  readonly message: string;
}

/** What `createRedactor` takes. */
export interface RedactorOptions {
  /** Called when a value cannot be masked; what it throws is dropped. */
  readonly onWarning?: ((warning: RedactorWarning) => void) | undefined;
}

/** How a redacting stream behaves. */
export interface StreamOptions {
  /** What `onLeak` is told. Default `stream`. */
  readonly sink?: string | undefined;
  /** How long the end of a chunk that may be the beginning of a value is held back. Default 100. */
  readonly holdMs?: number | undefined;
}

/**
 * Finds registered values in whatever is about to leave the process and puts `[REDACTED:name]` in their place. It knows the
 * values as they are and without outer white space, not yet in other encodings. Nothing here throws into the caller: what
 * cannot be checked is replaced by a fixed line.
 */
export interface Redactor {
  /**
   * Registers a value, or everything in a Secret without revealing it, from now on. The function returned releases it, once;
   * a released value stays masked until 2,000 younger ones were released.
   */
  register(value: string | Uint8Array | Secret<unknown>, options: RegisterOptions): () => void;
  /** The text with every registered value replaced. `sink` is what `onLeak` is told: the name of the output, never its content. */
  redact(text: string, sink?: string): string;
  /** The same for one or more lines of JSON, which stay valid JSON. What is not JSON is treated as text. */
  redactJson(line: string, sink?: string): string;
  /** The value itself if it holds nothing registered, else a copy: strings, arrays, objects, Map, Set, errors, bytes; keys too. */
  deep<T>(value: T): T;
  /** A copy that is safe to print, also of what is not an Error. It has the class name, but not the methods, of the original. */
  error(error: unknown): Error;
  /** The names of the values found in a text, in order of their place, each once; for tests and leak gates. */
  find(text: string): string[];
  /** A stream of text that masks what passes through, also across the borders of its chunks. */
  transform(options?: StreamOptions): Transform;
  /** The same in front of a destination, which it never ends: for loggers that take a stream, such as morgan. */
  writable(destination: Writable, options?: StreamOptions): Writable;
  stats(): RedactorStats;
}

const failedLine = "[REDACTED: could not be checked]";
const sharedKey = Symbol.for("tacit.redactor");

/** Creates a redactor with a registry of its own. */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const registry = new Registry();
  const unmaskable = new Set<string>();
  let masked = 0;

  const masker: Masker = {
    text: (text) => counted(text, maskText(text, registry)),
    binary: (binary) => counted(binary, maskBinary(binary, registry)),
  };
  const counted = (before: string, after: string): string => {
    if (before !== after) masked++;
    return after;
  };
  const warn = (name: string): void => {
    if (unmaskable.has(name)) return;
    unmaskable.add(name);
    const message = `${name} holds a value too short or too common to be masked in logs.`;
    attempt(
      () => options.onWarning?.({ code: "unmaskable", name, message }),
      () => undefined,
    );
  };

  return Object.freeze<Redactor>({
    register(value, { name, mask = "auto" }) {
      const forms = attempt(
        () => formsOf(value, mask),
        () => [],
      );
      if (forms.length === 0 && mask !== "never") warn(name);
      return registry.add(forms, name);
    },
    redact: (text) =>
      attempt(
        () => masker.text(String(text)),
        () => failedLine,
      ),
    deep: <T>(value: T): T => {
      const walk = new DeepCopy(masker);
      const copy = attempt(
        () => walk.visit(value),
        () => failedLine,
      );
      return copy === failedLine || walk.masked ? (copy as T) : value;
    },
    error: (error) =>
      attempt(
        () => printableError(error, new DeepCopy(masker)),
        () => new Error(failedLine),
      ),
    redactJson: (line) =>
      attempt(
        () => masker.text(String(line)),
        () => failedLine,
      ),
    transform: () => redactingTransform((text) => masker.text(text)),
    writable: (destination) => redactingWritable((text) => masker.text(text), destination),
    find: (text) =>
      attempt(
        () => [...new Set(findOccurrences(String(text), registry, "text").flatMap(namesOf))],
        () => [],
      ),
    stats: () => ({ ...registry.counts(), unmaskable: unmaskable.size, masked }),
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
  const message = typeof error === "string" ? error : inspect(walk.visit(error), { depth: 4 });
  const copy = new Error(walk.text(message));
  copy.stack = `${copy.name}: ${copy.message}`;
  return copy;
}

function namesOf({ form }: { readonly form: { readonly names: ReadonlyMap<string, number> } }): string[] {
  return [...form.names.keys()];
}
