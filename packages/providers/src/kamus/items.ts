import { jsonFaults, SecretError } from "@tacit/core/provider";

/** The encrypted items of one file: one without a name, or one for each key of a JSON object. */
export type Items =
  | { readonly kind: "one"; readonly item: string }
  | { readonly kind: "several"; readonly items: ReadonlyMap<string, string> };

/** Reads a file. @throws {SecretError} INVALID_VALUE whose message is the end of a sentence that begins with the file */
export function parseItems(bytes: Uint8Array): Items {
  const text = Buffer.from(bytes).toString("utf8").trim();
  if (!text.startsWith("{")) return { kind: "one", item: checked(text) };
  const [fault] = jsonFaults(text);
  if (fault !== undefined)
    throw invalid(fault.kind === "duplicate-key" ? "duplicate-key" : "syntax", "is not a JSON object with unique keys");
  const items = Object.entries(JSON.parse(text) as object).map(([key, item]) => [key, checked(item)] as const);
  return { kind: "several", items: new Map(items) };
}

/** `base64:base64`, or `env$base64$base64:base64` where a data key comes with it. */
function checked(item: unknown): string {
  if (typeof item === "string" && /^(env\$[A-Za-z0-9+/=]+\$)?[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$/.test(item)) return item;
  throw invalid("syntax", "contains a text that is not an item of Kamus");
}

function invalid(reason: string, what: string): SecretError {
  return new SecretError("INVALID_VALUE", what, {
    reason,
    tip: "Write the output of `kamus-cli encrypt`, alone or as the value of each key of a JSON object.",
  });
}
