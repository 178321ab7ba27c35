import type { SecretPayload } from "@tacit/core/provider";
import type { FieldParser, formats } from "../parse/field-parser.ts";

type Format = (typeof formats)[number];

const parsers = new Map<Format, Promise<FieldParser>>();

/** Parses decrypted text to fields. Loads the parser of a format with the first file that needs it. @throws {SecretError} INVALID_VALUE */
export async function parseDecrypted(format: Format, content: Uint8Array, path: string): Promise<SecretPayload> {
  let parser = parsers.get(format);
  if (parser === undefined) {
    parser = import("../parse/field-parser.ts").then(({ createFieldParser }) => createFieldParser(format));
    parsers.set(format, parser);
    parser.catch(() => parsers.delete(format));
  }
  return { kind: "fields", fields: (await parser)(content, path) };
}
