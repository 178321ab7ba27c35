import { createFieldParser, type FieldParser, fieldParser } from "../../shared/parse/field-parser.ts";
import type { FileOptions } from "../options.ts";
import { parsePattern } from "./pattern.ts";
import { vaultAgentFields } from "./vault-agent-fields.ts";

/** The options of a parser, and the receiver of its warnings. */
export interface ParserOptions extends Pick<FileOptions, "keys" | "pattern"> {
  readonly parse: Exclude<FileOptions["parse"], "raw">;
  warn(code: string, tip: string): void;
}

/** Makes the parser of a format, loading what it needs. */
export async function createFileParser({ parse, keys, pattern, warn }: ParserOptions): Promise<FieldParser> {
  if (parse !== "vault-agent") return createFieldParser(parse);
  const parsed = pattern === undefined ? undefined : parsePattern(pattern);
  const rules = { keys, pattern: typeof parsed === "string" ? undefined : parsed };
  return fieldParser(parse, (text, failures) =>
    vaultAgentFields(text, rules, failures, () => warn("forgeable-lines", forgeableLines)),
  );
}

const forgeableLines =
  "Vault Agent's `key: value` lines are not quoted, so a multi-line value can look like further keys: set the annotation vault.hashicorp.com/agent-inject-default-template to json.";
