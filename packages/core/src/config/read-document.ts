import { fileURLToPath } from "node:url";
import { faultText, readBoundedFile } from "./bounded-file.ts";
import { type ConfigProblem, configError } from "./config-problem.ts";
import { parseJson } from "./json-document.ts";
import { isRecord } from "./json-path.ts";
import { parseYaml } from "./yaml-document.ts";

/** Where a config document comes from: the document itself, or the file that holds it. */
export type ConfigSource = object | URL | string;

/** A document as it was written. */
export interface RawDocument {
  /** For messages. */
  readonly source: string;
  readonly value: unknown;
}

/**
 * Finds and reads the document. Without a source it is `TACIT_CONFIG` (a path, or inline JSON when it begins with a brace),
 * else one that sends every name to the environment.
 * @throws {SecretError} INVALID_CONFIG, reason `source`, `syntax` or `duplicate-key`
 */
export async function readDocument(
  source: ConfigSource | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RawDocument> {
  if (typeof source === "string") return readFile(source, source);
  if (source === undefined) return readVariable(env.TACIT_CONFIG);
  if (safely(() => source instanceof URL)) return readUrl(source as URL);
  if (safely(() => isRecord(source))) return { source: "inline", value: source };
  throw unusable("config", "must be an object, a URL or the path of a file");
}

const defaultDocument: unknown = { providers: { env: { use: "env" } }, routes: [{ match: "**", to: ["env"] }] };

async function readVariable(text: string | undefined): Promise<RawDocument> {
  if (text === undefined) return { source: "default", value: defaultDocument };
  if (/^\s*\{/.test(text)) return { source: "TACIT_CONFIG", value: parsed("TACIT_CONFIG", parseJson(text)) };
  // A document in another format, put there instead of its path, must not end up in a message.
  if (text.trim() === "" || /[\n\r\0]/.test(text) || text.length > 4096) {
    throw unusable("TACIT_CONFIG", "must be the path of a file, or JSON that begins with a brace");
  }
  return readFile(text, text);
}

async function readUrl(url: URL): Promise<RawDocument> {
  let path: string;
  try {
    path = fileURLToPath(url);
  } catch {
    throw unusable("config", "must be a file: URL of this machine");
  }
  return readFile(path, path);
}

async function readFile(path: string, source: string): Promise<RawDocument> {
  const bytes = await readBoundedFile(path);
  if (typeof bytes === "string") throw unusable(source, `the file ${faultText[bytes]}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unusable(source, "the file is not UTF-8 text");
  }
  return { source, value: parsed(source, /\.ya?ml$/i.test(path) ? await parseYaml(text) : parseJson(text)) };
}

/** A proxy may throw even when it is asked what it is. */
function safely(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

function parsed(source: string, document: { value: unknown } | { problems: readonly ConfigProblem[] }): unknown {
  if ("value" in document) return document.value;
  throw configError(source, document.problems);
}

function unusable(source: string, message: string): Error {
  return configError(source, [
    {
      path: [],
      message,
      reason: "source",
      tip: "Pass an object or a path as `config`, or set TACIT_CONFIG to a path or to inline JSON.",
    },
  ]);
}
