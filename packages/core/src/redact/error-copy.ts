import { classNamesOf, prototypeNamed } from "./class-name.ts";
import { customInspect } from "./own-printing.ts";
import { hide, isShown, notReadable, show } from "./own-property.ts";

/** The copying of a structure, of which an error is a part. */
export interface CopyWalk {
  /** How many texts were masked so far. */
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

/** What an Error prints is its text; the copy has none of the methods by which the original prints other things. */
const texts: ReadonlySet<PropertyKey> = new Set(["name", "message", "stack"]);
const methods: ReadonlySet<PropertyKey> = new Set([
  "toJSON",
  "toString",
  Symbol.toPrimitive,
  customInspect,
  "constructor",
]);
/** Printed although they are not enumerable, or inherited. */
const printed: readonly string[] = ["cause", "errors", "code"];

/** What HTTP clients hang on their errors: sockets, and tokens that no redactor was told of, such as those of a Set-Cookie. */
const exchange: ReadonlySet<PropertyKey> = new Set(["config", "options", "request", "response"]);

/** JSON.parse quotes some ten characters around the error, of a value too, which are too few to be found. */
const quotedJson = /(?:\.\.\.)?".{0,50}"(?:\.\.\.)? is not valid JSON/s;

/**
 * Copies an error for printing: name, code, message, stack, cause, `errors` and its own enumerable properties, masked. The copy is
 * an Error that names the class of the original and has none of its methods: they may rely on private fields, or print other things.
 * The error of an HTTP client (axios, got, ky) is copied without its config, options, request and response, but with the status.
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
      // a mark, such as the one by which isSecretError knows its own
      const value = walk.read(error, key);
      if (typeof value === "boolean") hide(copy, key, value);
    }
  }
}

/** What it would print by its own methods may be all that shows a value. */
function visitPrinted(error: object, walk: CopyWalk, depth: number): void {
  walk.methods(error, depth);
  walk.inspected(error, undefined, depth);
}

/** A request or response, or the settings of a request that was not sent: other errors have a `config` too. */
export function holdsExchange(error: object, read: (key: string) => unknown): boolean {
  const own = (key: string): unknown => (Object.hasOwn(error, key) ? read(key) : undefined);
  const config = own("config");
  return isObject(own("request")) || isObject(own("response")) || (isObject(config) && "headers" in config);
}

/** Cheap, where the expression would try each of a million quotation marks. */
export function mayQuote(message: string): boolean {
  return message.includes("is not valid JSON");
}

function showStatus(error: object, copy: Error, walk: CopyWalk): void {
  // so that a walk which found nothing else to replace does not give the original back
  walk.replaced("");
  const response = walk.read(error, "response");
  if ("status" in copy || !isObject(response)) return;
  const status = walk.read(response, "status") ?? walk.read(response, "statusCode");
  if (typeof status === "number") show(copy, "status", status);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Without one that can be read there is still the message. */
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

/** Printers look for the name of the class here, `inspect` also for the tag. */
function prototypeOf(error: object, walk: CopyWalk): object {
  const prototype = prototypeNamed(walk.text(classNamesOf(error)[0] ?? "Error"), Error.prototype);
  const tag = walk.read(error, Symbol.toStringTag);
  if (typeof tag === "string") hide(prototype, Symbol.toStringTag, walk.text(tag));
  return prototype;
}
