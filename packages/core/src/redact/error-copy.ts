import { classNamesOf, prototypeNamed } from "./class-name.ts";
import { customInspect } from "./own-printing.ts";
import { hide, isShown, notReadable, show } from "./own-property.ts";

/** The copying of a structure that contains an error. */
export interface CopyWalk {
  /** The number of texts that were masked so far. */
  readonly replacements: number;
  visit(value: unknown, depth?: number): unknown;
  text(text: string): string;
  key(key: PropertyKey): PropertyKey;
  read(holder: object, key: PropertyKey): unknown;
  replaced(by: string): string;
  begin<C extends object>(original: object, copy: C): C;
  methods(
    value: object,
    depth: number,
  ): { readonly copied: readonly (readonly [PropertyKey, unknown])[]; readonly changed: boolean };
  inspected(value: object, other: unknown, depth: number): unknown;
}

/** The texts that an Error prints, and the printing methods that its copy does not have. */
const texts: ReadonlySet<PropertyKey> = new Set(["name", "message", "stack"]);
const methods: ReadonlySet<PropertyKey> = new Set([
  "toJSON",
  "toString",
  Symbol.toPrimitive,
  customInspect,
  "constructor",
]);
/** Members that are printed although they are not enumerable or are inherited. */
const printed: readonly string[] = ["cause", "errors", "code"];

/**
 * The members that HTTP clients add to their errors: they contain sockets, and tokens that are not registered, such as those of
 * a Set-Cookie header.
 */
const exchange: ReadonlySet<PropertyKey> = new Set(["config", "options", "request", "response"]);

/** The quotation in an error of JSON.parse: some ten characters, which may be a part of a value that is too short to be found. */
const quotedJson = /(?:\.\.\.)?".{0,50}"(?:\.\.\.)? is not valid JSON/s;

/**
 * Copies an error for printing: name, code, message, stack, cause, `errors` and its own enumerable properties, masked. The copy
 * is an Error with the class name of the original but none of its methods, which may need private fields or print other
 * content. The error of an HTTP client (axios, got, ky) is copied without its config, options, request and response, but with
 * the status.
 */
export function copyError(error: object, walk: CopyWalk, depth: number): Error {
  const before = walk.replacements;
  const copy = walk.begin(error, new Error(textOf(walk.read(error, "message"), walk)));
  Object.setPrototypeOf(copy, prototypeOf(error, walk));
  const isOfHttp = holdsExchange(error, (key) => walk.read(error, key));
  hide(copy, "name", textOf(walk.read(error, "name"), walk) || "Error");
  hide(copy, "stack", stackOf(error, copy, walk));
  copyOwnProperties(error, copy, (key) => methods.has(key) || (isOfHttp && exchange.has(key)), walk, depth);
  for (const key of printed) {
    if (key in error && !isShown(error, key)) hide(copy, key, walk.visit(walk.read(error, key), depth + 1));
  }
  if (isOfHttp) showStatus(error, copy, walk);
  else if (walk.replacements === before) visitPrinted(error, walk, depth);
  return copy;
}

function copyOwnProperties(
  error: object,
  copy: Error,
  isLeftOut: (key: PropertyKey) => boolean,
  walk: CopyWalk,
  depth: number,
): void {
  for (const key of Reflect.ownKeys(error)) {
    if (isLeftOut(key)) continue;
    if (isShown(error, key)) {
      show(copy, walk.key(key), texts.has(key) ? Reflect.get(copy, key) : walk.visit(walk.read(error, key), depth + 1));
    } else if (typeof key === "symbol") {
      // A brand, such as that of a SecretError.
      const value = walk.read(error, key);
      if (typeof value === "boolean") hide(copy, key, value);
    }
  }
}

/** Checks the results of the custom printing methods, which may contain a value that no member contains. */
function visitPrinted(error: object, walk: CopyWalk, depth: number): void {
  walk.methods(error, depth);
  walk.inspected(error, undefined, depth);
}

/**
 * Whether an error has a request, a response or the settings of a request that was not sent. Errors without one may have a
 * `config`, too.
 */
export function holdsExchange(error: object, read: (key: string) => unknown): boolean {
  const own = (key: string): unknown => (Object.hasOwn(error, key) ? read(key) : undefined);
  const config = own("config");
  return isObject(own("request")) || isObject(own("response")) || (isObject(config) && "headers" in config);
}

/**
 * Whether a message may quote JSON. This check is cheap, while the regular expression would try each of a million quotation
 * marks.
 */
export function mayQuote(message: string): boolean {
  return message.includes("is not valid JSON");
}

function showStatus(error: object, copy: Error, walk: CopyWalk): void {
  // Counts as a replacement, so that the original is not returned.
  walk.replaced("");
  const response = walk.read(error, "response");
  if ("status" in copy || !isObject(response)) return;
  const status = walk.read(response, "status") ?? walk.read(response, "statusCode");
  if (typeof status === "number") show(copy, "status", status);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Returns the masked stack; if it cannot be read, name and message. */
function stackOf(error: object, copy: Error, walk: CopyWalk): string {
  const stack = walk.read(error, "stack");
  const text = stack === notReadable ? "" : textOf(stack, walk);
  return text || (copy.message === "" ? copy.name : `${copy.name}: ${copy.message}`);
}

function textOf(value: unknown, walk: CopyWalk): string {
  if (typeof value !== "string") return "";
  const text = mayQuote(value) ? value.replace(quotedJson, "[REDACTED] is not valid JSON") : value;
  return walk.text(text === value ? value : walk.replaced(text));
}

/** Creates a prototype with the masked class name, which printers read; `inspect` also reads the tag. */
function prototypeOf(error: object, walk: CopyWalk): object {
  const prototype = prototypeNamed(walk.text(classNamesOf(error)[0] ?? "Error"), Error.prototype);
  const tag = walk.read(error, Symbol.toStringTag);
  if (typeof tag === "string") hide(prototype, Symbol.toStringTag, walk.text(tag));
  return prototype;
}
