import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { openAdapter } from "@tacit/core/conformance";
import type { Provider } from "@tacit/core/provider";
import { adapters } from "@tacit/providers";
import { inject } from "vitest";

/** A folder of encrypted files that real programs write and a provider reads. */
export interface Folder extends AsyncDisposable {
  readonly home: string;
  readonly root: string;
  /** Writes a file beside the root. @returns its path */
  keep(name: string, content: string | Uint8Array): string;
  write(name: string, content: string | Uint8Array): void;
  read(name: string): Buffer;
  open(adapter: "age" | "sops" | "sealed-secrets", options: Readonly<Record<string, unknown>>): Promise<Provider>;
}

/** Makes an empty one. */
export function openFolder(): Folder {
  const home = mkdtempSync(join(inject("runFolder"), "encrypted-"));
  const root = join(home, "root");
  mkdirSync(root);
  const providers: Provider[] = [];
  const put = (file: string, content: string | Uint8Array): string => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  return {
    home,
    root,
    keep: (name, content) => put(join(home, name), content),
    write: (name, content) => void put(join(root, name), content),
    read: (name) => readFileSync(join(root, name)),
    async open(adapter, options) {
      const provider = await openAdapter((await adapters[adapter]()) as never, { root, ...options });
      providers.push(provider);
      return provider;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(providers.map((provider) => provider.close?.()));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What a program answers. */
export interface Outcome {
  readonly status: number | null;
  readonly output: Buffer;
  readonly errors: string;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  words: readonly string[],
  { input, env }: { readonly input?: string | Uint8Array; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const child = spawn(program, words, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  // It may end before it has read everything.
  child.stdin.on("error", () => undefined).end(input ?? "");
  const [output, errors, [status]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { status: status as number | null, output, errors };
}

/** The content of one file: fields as text, a value as base64; or the code and reason of the error. */
export async function contentOf(provider: Provider, path: string): Promise<unknown> {
  try {
    const result = await provider.get({ path, version: "current" }, { signal: new AbortController().signal });
    if (result.status !== "ok") return result.status;
    if (result.payload.kind === "value") return Buffer.from(result.payload.bytes).toString("base64");
    return Object.fromEntries([...result.payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
  } catch (error) {
    const { code, reason } = error as { readonly code?: string; readonly reason?: string };
    return { code, reason };
  }
}
