import { loadOnce } from "../../shared/load-once.ts";
import { type ParseFailures, parseFailures } from "../../shared/parse/parse-errors.ts";
import { textOf } from "../../shared/parse/text.ts";
import { type CommentTest, mostLeaves, type SopsMap } from "../tree.ts";

/** The formats of files of SOPS. */
export const sopsFormats = ["yaml", "json", "env", "ini", "binary"] as const;

/** One of them. */
export type SopsFormat = (typeof sopsFormats)[number];

/** Returns the format of a file by its extension, as the `sops` program goes by it; any other file is binary. */
export function formatOf(path: string): SopsFormat {
  const [, extension] = /\.(yaml|yml|json|env|ini)$/.exec(path) ?? [];
  return extension === "yml" ? "yaml" : ((extension ?? "binary") as SopsFormat);
}

/** Parsing and decrypting happen in few turns of the event loop; YAML costs ten times as much per byte as the others. */
const mostBytes = 1024 * 1024;
const mostYamlBytes = 256 * 1024;

/**
 * Reads the documents of a file: one, but for YAML.
 * @param isAsked what comments are looked for; by default none
 * @throws {SecretError} INVALID_VALUE that names line and key, never content
 */
export async function readTrees(
  bytes: Uint8Array,
  format: SopsFormat,
  path: string,
  isAsked?: CommentTest,
): Promise<readonly SopsMap[]> {
  const failures = parseFailures(path, format === "binary" ? "the JSON of a binary file" : format);
  const most = format === "yaml" ? mostYamlBytes : mostBytes;
  if (bytes.length > most) throw failures.tooLarge(`is larger than ${most} bytes`);
  const text = textOf(bytes, failures);
  if (format === "yaml") return (await loadYaml())(text, failures, isAsked);
  return [await flatOrJson(text, format, failures, isAsked)];
}

async function flatOrJson(
  text: string,
  format: SopsFormat,
  failures: ParseFailures,
  isAsked: CommentTest | undefined,
): Promise<SopsMap> {
  if (format !== "json" && format !== "binary") assertFewLines(text, failures);
  if (format === "env") return (await loadDotenv()).dotenvTree(text, failures, isAsked);
  if (format === "ini") return (await loadIni()).iniTree(text, failures, isAsked);
  return (await loadJson()).jsonTree(text, failures);
}

/** Leaves room for two comments or empty lines at each value; every line takes memory, even an empty one. */
const mostLines = 3 * mostLeaves;

function assertFewLines(text: string, failures: ParseFailures): void {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
    if (++lines > mostLines) throw failures.tooLarge(`has more than ${mostLines} lines`);
}

const loadDotenv = loadOnce(() => import("./dotenv-tree.ts"));
const loadIni = loadOnce(() => import("./ini-tree.ts"));
const loadJson = loadOnce(() => import("./json-tree.ts"));
const loadYaml = loadOnce(async () => (await import("./yaml-trees.ts")).loadYamlTrees());
