import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SecretError } from "../error/secret-error.ts";
import { type FileFault, faultText, readBoundedFile } from "./bounded-file.ts";
import type { ConfigSource } from "./config-document.ts";
import { type ConfigProblem, documentError, type ProblemSource, toErrors } from "./config-problem.ts";
import { defaultSource } from "./default-source.ts";
import { type DocumentText, parseJson } from "./json-document.ts";
import { isRecord } from "./json-path.ts";
import { parseYaml } from "./yaml-document.ts";

/** An unresolved document. */
export interface RawDocument extends ProblemSource {
  readonly value: unknown;
}

/**
 * Reads the document from its source: by default from `TACIT_CONFIG` (a path, or inline JSON if it begins with a brace), else
 * the default document, which reads all names from environment variables.
 * @throws {SecretError} INVALID_CONFIG, reason `source`, `syntax` or `duplicate-key`
 */
export async function readDocument(
  source: ConfigSource | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RawDocument> {
  if (typeof source === "string") return readPath(source, "config");
  if (source === undefined) return readVariable(env.TACIT_CONFIG);
  if (safely(() => source instanceof URL)) return readUrl(source as URL);
  if (safely(() => isRecord(source))) return { source: inline, value: source };
  throw unusable(named.config, "must be an object, a URL or the path of a file");
}

/** The origin of a path. */
type Origin = "config" | "TACIT_CONFIG";

const named: Readonly<Record<Origin, string>> = {
  config: "`config` of createSecrets",
  TACIT_CONFIG: "TACIT_CONFIG",
};
const inline = "the document passed as `config`";
const variable: ProblemSource = { source: "the document in TACIT_CONFIG", place: "TACIT_CONFIG" };
const defaultDocument: unknown = { providers: { env: { use: "env" } }, routes: [{ match: "**", to: ["env"] }] };

async function readVariable(text: string | undefined): Promise<RawDocument> {
  // Compose files and pipelines set a variable without a value to an empty text.
  if (text === undefined || text === "") return { source: defaultSource, value: defaultDocument };
  if (/^\s*\{/.test(text)) return { ...variable, value: await parsed(variable, parseJson(text)) };
  return readPath(text, "TACIT_CONFIG");
}

/** Reads the document at a path. Messages do not contain an invalid path, which may be a whole document, or a URL with a password. */
async function readPath(path: string, origin: Origin): Promise<RawDocument> {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(path)) throw unusable(named[origin], "must be the path of a file, not a URL");
  if (path.trim() === "" || /[\n\r\0]|^\s*[[{]/.test(path) || path.length > 4096) {
    const json = origin === "config" ? "" : ", or JSON that begins with a brace";
    throw unusable(named[origin], `must be the path of a file${json}`);
  }
  return readFile(path, origin);
}

async function readUrl(url: URL): Promise<RawDocument> {
  let path: string;
  try {
    path = fileURLToPath(url);
  } catch {
    throw unusable(named.config, "must be a file: URL of this machine");
  }
  return readFile(path, "config");
}

async function readFile(path: string, origin: Origin): Promise<RawDocument> {
  const from = origin === "config" ? "`config`" : origin;
  const file = JSON.stringify(resolve(path));
  const source = `the config file ${file} (from ${from})`;
  const bytes = await readBoundedFile(path);
  if (typeof bytes === "string") throw unusable(source, faultText[bytes], faultTips[bytes]);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unusable(source, "is not UTF-8 text", "Save it as UTF-8.");
  }
  if (text.trim() === "")
    throw unusable(source, "is empty", "Write `providers` and `routes`, or specify another file.");
  const document = /\.ya?ml$/i.test(path) ? await parseYaml(text) : withFormatHint(parseJson(text), path, text);
  const written = { source, place: `${file} from ${from}`, text };
  return { ...written, value: await parsed(written, document) };
}

/** Adds a tip to a syntax error that is probably caused by YAML in a file with another extension, or by comments in JSON. */
function withFormatHint(document: DocumentText, path: string, text: string): DocumentText {
  if ("value" in document) return document;
  const hasComment = /^\s*(?:\/\/|\/\*|#)/m.test(text);
  const isNamedJson = /\.json$/i.test(path);
  if (isNamedJson && !hasComment) return document;
  const tip = isNamedJson
    ? "JSON has no comments: remove them, or write YAML in a file that ends in .yaml."
    : "It was read as JSON, since its name does not end in .yaml or .yml.";
  return { problems: document.problems.map((one) => (one.reason === "syntax" ? { ...one, tip } : one)) };
}

/** Runs a test; returns false if it throws, as a Proxy may do even for `instanceof`. */
function safely(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

async function parsed(source: ProblemSource, document: DocumentText): Promise<unknown> {
  if ("value" in document) return document.value;
  throw await invalid(source, document.problems);
}

async function invalid(source: ProblemSource, problems: readonly ConfigProblem[]): Promise<SecretError> {
  return documentError(source.source, await toErrors(source, problems));
}

/** Returns the error of a source without a readable document. */
function unusable(
  source: string,
  message: string,
  tip = "Pass an object or a path as `config`, or set TACIT_CONFIG to a path or to inline JSON.",
): SecretError {
  return new SecretError("INVALID_CONFIG", `${source} ${message}`, { reason: "source", tip });
}

const faultTips: Readonly<Record<FileFault, string>> = {
  missing: "Correct the path: a relative path is resolved against the working directory.",
  denied: "Let the user of this process read it: check its mode and owner, and those of its directories.",
  "not-a-file": "Specify the file itself, not its directory.",
  "too-large": "Specify the path of the config document: this file is something else.",
  unreadable: "Check its file system.",
};
