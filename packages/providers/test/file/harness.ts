import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type ConformanceHarness, openAdapter, type Undo } from "@tacit/core/conformance";
import type { Adapter, SecretPayload } from "@tacit/core/provider";
import { file } from "../../src/file/index.ts";
import type { FileOptions } from "../../src/file/options.ts";
import { openFileProvider } from "../../src/file/provider.ts";
import { startKubeletWriter } from "./kubelet-writer.ts";
import { createStrictFileSystem } from "./strict-file-system.ts";

/** One kind of directory that the adapter reads. */
interface Store {
  put(path: string, payload: SecretPayload): Promise<void>;
  remove(path: string): Promise<void>;
  /** Where a path lies, for changing its mode. */
  fileOf(path: string): string;
  stop(): Promise<void>;
}

/** Makes a volume written by another process as the kubelet does, or a plain directory, for the conformance cases. */
export async function fileHarness(layout: "volume" | "plain"): Promise<ConformanceHarness> {
  const home = fs.mkdtempSync(join(tmpdir(), "tacit-file-"));
  const root = join(home, "root");
  const store = layout === "volume" ? await volumeStore(root) : plainStore(root, join(home, "staging"));
  const strict = createStrictFileSystem();
  const adapter: Adapter<FileOptions> = {
    ...file,
    open: (options, host) => openFileProvider(options, host, strict.fileSystem),
  };
  const options = (): Record<string, unknown> => ({ root });
  return {
    adapter: adapter as Adapter,
    options,
    open: (o) => openAdapter(adapter as Adapter, { ...options(), ...o?.options }, o?.host),
    path: (label) => `conformance-${label}`,
    put: store.put,
    remove: store.remove,
    deny: (path) => denied(store.fileOf(path)),
    async sever(): Promise<Undo> {
      fs.renameSync(root, `${root}-away`);
      return async () => fs.renameSync(`${root}-away`, root);
    },
    async breakPath(path): Promise<Undo> {
      const place = store.fileOf(path);
      fs.renameSync(place, `${place}-away`);
      fs.symlinkSync(basename(place), place);
      return async () => fs.renameSync(`${place}-away`, removed(place));
    },
    async corrupt(path): Promise<Undo> {
      const place = store.fileOf(path);
      const victim = fs.statSync(place).isDirectory() ? join(place, "password") : place;
      const content = fs.readFileSync(victim);
      fs.truncateSync(victim, 2 * 1024 * 1024);
      return async () => fs.writeFileSync(victim, content);
    },
    reads: () => strict.calls,
    async close() {
      await store.stop();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

async function volumeStore(root: string): Promise<Store> {
  const writer = await startKubeletWriter(root);
  /** path below the volume -> content */
  const files = new Map<string, Uint8Array>();
  const write = async (): Promise<void> => void (await writer.write(Object.fromEntries(files)));
  const drop = (path: string): void => {
    for (const key of files.keys()) if (key === path || key.startsWith(`${path}/`)) files.delete(key);
  };
  await write();
  return {
    async put(path, payload) {
      drop(path);
      for (const [key, bytes] of filesOf(path, payload)) files.set(key, bytes);
      await write();
    },
    async remove(path) {
      drop(path);
      await write();
    },
    fileOf: (path) => fs.realpathSync(join(root, "..data", path)),
    stop: () => writer.stop(),
  };
}

function plainStore(root: string, staging: string): Store {
  fs.mkdirSync(root);
  const remove = async (path: string): Promise<void> => fs.rmSync(join(root, path), { recursive: true, force: true });
  return {
    async put(path, payload) {
      const files = filesOf(path, payload);
      const isDirectory = fs.statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
      if (isDirectory !== (payload.kind === "fields")) await remove(path);
      if (payload.kind === "fields") removeOthers(join(root, path), payload.fields);
      for (const [key, bytes] of files) {
        fs.mkdirSync(dirname(join(root, key)), { recursive: true });
        fs.writeFileSync(staging, bytes);
        fs.renameSync(staging, join(root, key));
      }
    },
    remove,
    fileOf: (path) => join(root, path),
    stop: async () => undefined,
  };
}

function removeOthers(directory: string, fields: ReadonlyMap<string, Uint8Array>): void {
  if (!fs.existsSync(directory)) return;
  for (const name of fs.readdirSync(directory))
    if (!fields.has(name)) fs.rmSync(join(directory, name), { recursive: true });
}

function filesOf(path: string, payload: SecretPayload): [string, Uint8Array][] {
  if (payload.kind === "value") return [[path, payload.bytes]];
  return [...payload.fields].map(([key, bytes]) => [`${path}/${key}`, bytes]);
}

function removed(file: string): string {
  fs.rmSync(file);
  return file;
}

async function denied(place: string): Promise<Undo> {
  const { mode } = fs.statSync(place);
  fs.chmodSync(place, 0);
  return async () => fs.chmodSync(place, mode);
}
