import { type ParseFailures, parseFailures } from "./parse-errors.ts";
import { textOf } from "./text.ts";

/** Formats of files that hold several values. */
export const formats = ["json", "yaml", "env", "properties", "ini"] as const;

/** Reads the bytes of one file as fields. @throws {SecretError} INVALID_VALUE that names line and key, never content */
export type FieldParser = (bytes: Uint8Array, path: string) => ReadonlyMap<string, Uint8Array>;

/** Reads a text as fields. */
export type TextParser = (text: string, failures: ParseFailures) => ReadonlyMap<string, string>;

/** Makes the parser of a format, loading what it needs. */
export async function createFieldParser(format: (typeof formats)[number]): Promise<FieldParser> {
  return fieldParser(format, await textParser(format));
}

/** Parsing happens in one turn of the event loop: some tens of milliseconds for this, ten times as much per byte for the worst YAML. */
const mostBytes = 256 * 1024;
const mostYamlBytes = 64 * 1024;

/** Makes a parser of bytes from one of text. */
export function fieldParser(format: string, parse: TextParser): FieldParser {
  const most = format === "yaml" ? mostYamlBytes : mostBytes;
  return (bytes, path) => {
    const failures = parseFailures(path, format);
    if (bytes.length > most) throw failures.tooLarge(`is larger than ${most} bytes`);
    const parsed = parse(textOf(bytes, failures), failures);
    if (parsed.size === 0) throw failures.other("empty", "has no keys", "Write the secret, or correct the path.");
    const encoder = new TextEncoder();
    return new Map([...parsed].map(([key, value]) => [key, encoder.encode(value)]));
  };
}

async function textParser(format: (typeof formats)[number]): Promise<TextParser> {
  switch (format) {
    case "json":
      return (await import("./json.ts")).jsonFields;
    case "yaml":
      return (await import("./yaml.ts")).loadYaml();
    case "env":
      return (await import("./env.ts")).envFields;
    case "properties":
      return (await import("./properties.ts")).propertiesFields;
    case "ini":
      return (await import("./ini.ts")).iniFields;
  }
}
