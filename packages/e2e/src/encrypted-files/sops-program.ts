import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Provider } from "@tacit/core/provider";
import { expect } from "vitest";
import { programPath } from "../programs/provided.ts";
import { contentOf, type Folder, run } from "./folder.ts";

/** One file of each format that sops knows, with what is hard to keep in it. */
export const plainFiles: Readonly<Record<string, string | Uint8Array>> = {
  "all.yaml":
    'db:\n  user: app\n  port: 5432\n  ratio: 1.5\n  on: true\n  none: null\n  "10": ten\n  "2": two\nhosts: [x, y]\nclear_unencrypted: {a: 0x1F, d: 2001-12-14}\n',
  "all.json": '{"db":{"10":"ten","2":"two","big":9007199254740993,"f":1.50,"e":""},"clear_unencrypted":[1.5,false]}',
  "all.env": "USER=app\nQUOTED='x' \nMULTI=a\\nb\n",
  "all.ini": "[db]\nuser = app\nhash = `a#b`\n",
  "all.bin": randomBytes(2000),
};

/** Files in which comments say what is secret. */
export const commentedFiles: Readonly<Record<string, string>> = {
  "commented.yaml": [
    "clear: one",
    "# secret",
    "top: s3cret",
    "# about the database",
    "db:",
    "  host: clear",
    "  # secret",
    "  password: s3cret",
    "  port: 5432 # secret",
    "  name: app",
    "# secret",
    "keys:",
    "  first: s3cret",
    "  # plain words",
    "  second: s3cret",
    "list:",
    "  # secret",
    "  - s3cret",
    "  - clear",
    "maps:",
    "  # secret",
    "  - name: s3cret",
    "    pw: s3cret",
    "  - name: clear",
    "last: end",
    "",
  ].join("\n"),
  "commented.env": "A=clear\n# secret\nB=s3cret\n\n# plain\nC=clear\n",
  "commented.ini": "[db]\n; secret\nuser = app\npw = s3cret\n\n; secret\n[other]\nx = s3cret\ny = clear\n",
  "commented.json": '{"a":"one","b":{"c":2,"d":[true,null,"x"]}}',
};

/** How sops is called for one kind of key. */
export interface SopsCall {
  /** Names the key. */
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Encrypts one of the files into the root. */
export async function encrypt(
  folder: Folder,
  name: string,
  { words, env = {} }: SopsCall,
  content: string | Uint8Array = plainFiles[name] ?? "",
): Promise<void> {
  const file = folder.keep(name, content);
  const { status, output, errors } = await run(programPath("sops"), ["encrypt", ...words, file], { env });
  expect(status, errors).toBe(0);
  folder.write(name, output);
}

/** What sops makes of a file, as `contentOf` tells it; undefined where it refuses the file. */
export async function decrypted(folder: Folder, name: string, { env = {} }: Pick<SopsCall, "env">): Promise<unknown> {
  const file = join(folder.root, name);
  const words = name.endsWith(".bin") ? [] : ["--output-type", "json"];
  const { status, output } = await run(programPath("sops"), ["decrypt", ...words, file], { env });
  return status === 0 ? asDecrypted(name, output) : undefined;
}

/** What stands in the output of sops: an object, or the bytes of a binary file as base64. */
export function asDecrypted(name: string, output: Buffer): unknown {
  if (name.endsWith(".bin")) return output.toString("base64");
  // The keys before the first section of INI are fields of their own.
  const { DEFAULT: top = {}, ...others } = JSON.parse(exactNumbers(output.toString())) as Readonly<
    Record<string, unknown>
  >;
  return { ...(top as object), ...others };
}

/** Expects a provider to read what sops decrypts, in the same order. */
export async function expectSame(
  provider: Provider,
  folder: Folder,
  name: string,
  call: Pick<SopsCall, "env">,
): Promise<void> {
  const theirs = await decrypted(folder, name, call);
  expect(theirs, name).toBeDefined();
  expect(await comparable(provider, name), name).toEqual(asFields(theirs));
}

/** What a provider reads, in the form that `asFields` gives to what sops decrypts. */
export async function comparable(provider: Provider, name: string): Promise<unknown> {
  return asRead(await contentOf(provider, name));
}

/** The same for what was read already. */
export function asRead(content: unknown): unknown {
  if (!isFields(content)) return content;
  return Object.entries(content).map(([key, text]) => [key, canonical(text)]);
}

/** The fields that hold what sops decrypts: null is none. */
export function asFields(theirs: unknown): unknown {
  if (typeof theirs !== "object" || theirs === null) return theirs;
  return Object.entries(theirs).flatMap(([key, value]) =>
    value === null ? [] : [[key, canonical(typeof value === "string" ? value : JSON.stringify(value))]],
  );
}

/** JSON as it is whoever wrote it, text as it stands. */
function canonical(text: string): string {
  try {
    return JSON.stringify(JSON.parse(exactNumbers(text)));
  } catch {
    return text;
  }
}

/** Numbers that JavaScript would round become texts. */
function exactNumbers(json: string): string {
  return json.replace(/(?<=[:[,]\s*)(-?\d{16,})(?=\s*[,\]}])/g, '"$1"');
}

function isFields(content: unknown): content is Readonly<Record<string, string>> {
  return typeof content === "object" && content !== null && !("code" in content && "reason" in content);
}
