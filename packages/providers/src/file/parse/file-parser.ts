import { isUtf8 } from "node:buffer";
import type { FileOptions } from "../options.ts";
import { envFields } from "./env-fields.ts";
import { jsonFields } from "./json-fields.ts";
import { type ParseFailures, parseFailures } from "./parse-failure.ts";
import { parsePattern } from "./pattern.ts";
import { propertiesFields } from "./properties-fields.ts";
import { vaultAgentFields } from "./vault-agent-fields.ts";
import { loadYaml } from "./yaml-fields.ts";

/** Reads the bytes of one file as fields. @throws {SecretError} INVALID_VALUE that names line and key, never content */
export type FileParser = (bytes: Uint8Array, path: string) => ReadonlyMap<string, Uint8Array>;

/** What a parser needs to know, and whom it tells. */
export interface ParserOptions extends Pick<FileOptions, "keys" | "pattern"> {
  readonly parse: Exclude<FileOptions["parse"], "raw">;
  warn(code: string, tip: string): void;
}

type TextParser = (text: string, failures: ParseFailures) => ReadonlyMap<string, string>;

/** Parsing happens in one turn of the event loop: some tens of milliseconds for this, ten times as much per byte for the worst YAML. */
const mostBytes = 256 * 1024;
const mostYamlBytes = 64 * 1024;

/** Makes the parser of a format, loading what it needs. */
export async function createFileParser(options: ParserOptions): Promise<FileParser> {
  const parse = await textParser(options);
  const most = options.parse === "yaml" ? mostYamlBytes : mostBytes;
  return (bytes, path) => {
    const failures = parseFailures(path, options.parse);
    if (bytes.length > most) throw failures.tooLarge(`is larger than ${most} bytes`);
    const parsed = parse(textOf(bytes, failures), failures);
    if (parsed.size === 0) throw failures.other("empty", "has no keys", "Write the secret, or correct the path.");
    const encoder = new TextEncoder();
    return new Map([...parsed].map(([key, value]) => [key, encoder.encode(value)]));
  };
}

async function textParser({ parse, keys, pattern, warn }: ParserOptions): Promise<TextParser> {
  switch (parse) {
    case "json":
      return jsonFields;
    case "yaml":
      return await loadYaml();
    case "env":
      return envFields;
    case "properties":
      return propertiesFields;
    case "vault-agent": {
      const parsed = pattern === undefined ? undefined : parsePattern(pattern);
      const rules = { keys, pattern: typeof parsed === "string" ? undefined : parsed };
      return (text, failures) => vaultAgentFields(text, rules, failures, () => warn("forgeable-lines", forgeableLines));
    }
  }
}

const forgeableLines =
  "Vault Agent's lines of `key: value` quote nothing, so a value of several lines can pass for further keys: set the annotation vault.hashicorp.com/agent-inject-default-template to json.";

function textOf(bytes: Uint8Array, failures: ParseFailures): string {
  if (!isUtf8(bytes))
    throw failures.other("not-utf8", "is not valid UTF-8", 'Save it as UTF-8, or read it with "raw".');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
