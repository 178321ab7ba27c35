import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type ConformanceHost, conformanceHost } from "@tacit/core/conformance";
import type { CallContext, Provider, ProviderHost, ProviderResult, Subscription } from "@tacit/core/provider";
import type { FileOptions } from "../../src/file/options.ts";
import { openFileProvider } from "../../src/file/provider.ts";
import type { FileSystem } from "../../src/shared/files/file-system.ts";
import { type KubeletWriter, startKubeletWriter } from "./kubelet-writer.ts";
import { type RenameWriter, startRenameWriter } from "./rename-writer.ts";

/** A directory for one test, with a writer process and providers that end with it. */
export interface FileFixture extends AsyncDisposable {
  readonly root: string;
  readonly host: ConformanceHost;
  /** A writer for the root, or for a directory below it. */
  writer(below?: string): Promise<KubeletWriter>;
  /** A process that writes plain files, by renames or in place. */
  renamer(below?: string): Promise<RenameWriter>;
  open(options?: Partial<FileOptions>, fileSystem?: FileSystem): Provider;
}

/** Makes an empty root, on tmpfs where there is one, as volumes are. */
export function openFixture(members?: Partial<ProviderHost>): FileFixture {
  const home = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tacit-file-"));
  const root = join(home, "root");
  fs.mkdirSync(root);
  const host = conformanceHost(members);
  const ends: (() => Promise<void> | undefined)[] = [];
  return {
    root,
    host,
    async writer(below = ".") {
      const writer = await startKubeletWriter(join(root, below));
      ends.push(() => writer.stop());
      return writer;
    },
    async renamer(below = ".") {
      const writer = await startRenameWriter(join(root, below));
      ends.push(() => writer.stop());
      return writer;
    },
    open(options = {}, fileSystem) {
      const defaults: FileOptions = {
        root,
        watch: "auto",
        settleMs: 20,
        maxBytes: 1024 * 1024,
        followExternalLinks: false,
        parse: "raw",
      };
      const provider = openFileProvider({ ...defaults, ...options }, host, fileSystem);
      ends.push(() => provider.close?.());
      return provider;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(ends.map((end) => end()));
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A context without an end. */
export const forever: CallContext = { signal: new AbortController().signal };

/** Reads the current version. */
export function read(provider: Provider, path: string, ifVersion?: string): Promise<ProviderResult> {
  return provider.get({ path, version: "current", ifVersion }, forever);
}

/** The answer as text: fields as a record, a value as a string, anything else by its status. */
export async function textOf(result: ProviderResult | Promise<ProviderResult>): Promise<unknown> {
  const answer = await result;
  if (answer.status !== "ok") return answer;
  const { payload } = answer;
  if (payload.kind === "value") return Buffer.from(payload.bytes).toString();
  return Object.fromEntries([...payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}

/** Counts hints, and lets a test wait until reads that follow them answer something. */
export interface Recorder {
  readonly hints: number;
  readonly subscription: Subscription;
  /** Reads at once and after each hint, until the answer is this one; the test's own timeout ends it. */
  hears(path: string, expected: unknown): Promise<void>;
  /** Resolves when all hints of what has been written so far have arrived, at least one. */
  hasHeard(): Promise<void>;
  /** Makes a change, and resolves when it has been hinted; nothing is read, so the hint comes from the system. */
  isTold(change: () => unknown): Promise<void>;
}

/** Subscribes to paths. */
export async function listen(provider: Provider, ...paths: readonly string[]): Promise<Recorder> {
  let hints = 0;
  let wake = (): void => undefined;
  const hint = (): void => {
    hints += 1;
    wake();
  };
  const subscription = await provider.subscribe?.(paths, hint, forever);
  if (subscription === undefined) throw new Error("the provider cannot be subscribed to");
  return {
    get hints() {
      return hints;
    },
    subscription,
    async hasHeard() {
      while (hints === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
    async isTold(change) {
      const before = hints;
      const done = change();
      while (hints === before) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      await done;
    },
    async hears(path, expected) {
      for (;;) {
        const before = hints;
        const answer = await textOf(read(provider, path)).catch((error: { code?: string }) => error.code);
        if (isDeepStrictEqual(answer, expected)) return;
        if (hints === before) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
