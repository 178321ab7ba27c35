import { type ParseFailures, parseFailures } from "./parse-errors.ts";
import { textOf } from "./text.ts";

/** The formats of files with several values. */
export const formats = ["json", "yaml", "env", "properties", "ini"] as const;

/** Parses the bytes of a file to fields. @throws {SecretError} INVALID_VALUE, which may name line and key, never content */
export type FieldParser = (bytes: Uint8Array, path: string) => ReadonlyMap<string, Uint8Array>;

/** Parses a text to fields. */
export type TextParser = (text: string, failures: ParseFailures) => ReadonlyMap<string, string>;

/** Creates the parser of a format, and loads the modules that it needs. */
export async function createFieldParser(format: (typeof formats)[number]): Promise<FieldParser> {
  return fieldParser(format, await textParser(format));
}

/** Parsing blocks the event loop: for tens of milliseconds at this size, and ten times as long per byte for the worst YAML. */
const mostBytes = 256 * 1024;
const mostYamlBytes = 64 * 1024;

/** Creates a parser of bytes from a parser of text. A file is at most 256 KiB, YAML 64 KiB. */
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
