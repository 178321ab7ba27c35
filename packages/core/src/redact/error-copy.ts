import type { DeepCopy } from "./deep-copy.ts";
import { hide, isShown, show } from "./own-property.ts";

const copiedByHand: ReadonlySet<PropertyKey> = new Set([
  "name",
  "message",
  "stack",
  "cause",
  "errors",
  "code",
  "toJSON",
]);

/** What HTTP clients hang on their errors: sockets, and tokens that no redactor was told of, such as those of a Set-Cookie. */
const exchange: ReadonlySet<PropertyKey> = new Set(["config", "options", "request", "response"]);

/** JSON.parse quotes some ten characters around the error, of a value too, which are too few to be found. */
const quotedJson = /(?:\.\.\.)?".{0,50}"(?:\.\.\.)? is not valid JSON/s;

/**
 * Copies an error for printing: name, code, message, stack, cause, `errors` and its own enumerable properties, masked. The copy is
 * an Error that names the class of the original and has none of its methods: they may rely on private fields, or print other things.
 * The error of an HTTP client (axios, got, ky) is copied without its config, options, request and response, but with the status.
 */
export function copyError(error: object, walk: DeepCopy, depth: number): Error {
  const copy = walk.begin(error, new Error(textOf(walk.read(error, "message"), walk)));
  Object.setPrototypeOf(copy, prototypeNaming(walk.read(error, "constructor")));
  place(error, copy, "name", textOf(walk.read(error, "name"), walk) || "Error");
  hide(copy, "stack", textOf(walk.read(error, "stack"), walk) || `${copy.name}: ${copy.message}`);
  for (const key of ["cause", "errors", "code"]) {
    if (key in error) place(error, copy, key, walk.visit(walk.read(error, key), depth + 1));
  }
  const isOfHttp = holdsExchange(error, walk);
  copyOwnProperties(error, copy, isOfHttp ? new Set([...copiedByHand, ...exchange]) : copiedByHand, walk, depth);
  if (isOfHttp) showStatus(error, copy, walk);
  return copy;
}

function copyOwnProperties(
  error: object,
  copy: Error,
  except: ReadonlySet<PropertyKey>,
  walk: DeepCopy,
  depth: number,
): void {
  for (const key of Reflect.ownKeys(error)) {
    if (except.has(key)) continue;
    if (isShown(error, key)) {
      const value = walk.visit(walk.read(error, key), depth + 1);
      show(copy, typeof key === "string" ? walk.text(key) : key, value);
    } else if (typeof key === "symbol") {
      // a mark, such as the one by which isSecretError knows its own
      const value = walk.read(error, key);
      if (typeof value === "boolean") hide(copy, key, value);
    }
  }
}

/** A request or response, or the settings of a request that was not sent: other errors have a `config` too. */
function holdsExchange(error: object, walk: DeepCopy): boolean {
  const read = (key: string): unknown => (Object.hasOwn(error, key) ? walk.read(error, key) : undefined);
  const config = read("config");
  return isObject(read("request")) || isObject(read("response")) || (isObject(config) && "headers" in config);
}

function showStatus(error: object, copy: Error, walk: DeepCopy): void {
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

function place(error: object, copy: Error, key: string, value: unknown): void {
  (isShown(error, key) ? show : hide)(copy, key, value);
}

function textOf(value: unknown, walk: DeepCopy): string {
  if (typeof value !== "string") return "";
  const text = value.replace(quotedJson, "[REDACTED] is not valid JSON");
  return walk.text(text === value ? value : walk.replaced(text));
}

/** Loggers print the name of the constructor. */
function prototypeNaming(errorClass: unknown): object {
  const prototype = Object.create(Error.prototype) as object;
  if (typeof errorClass === "function") hide(prototype, "constructor", errorClass);
  return prototype;
}
