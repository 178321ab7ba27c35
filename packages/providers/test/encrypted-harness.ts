import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type ConformanceHarness, openAdapter, type Undo } from "@tacit/core/conformance";
import type { Adapter, Provider, ProviderHost, SecretPayload } from "@tacit/core/provider";
import type { FileSystem } from "../src/shared/files/file-system.ts";
import { createStrictFileSystem } from "./file/strict-file-system.ts";

/** How one format of encrypted files is put under test. */
export interface EncryptedStore<O> extends Partial<Omit<ConformanceHarness, "adapter" | "open" | "options" | "close">> {
  readonly adapter: Adapter<O>;
  /** The provider of the adapter over a file system that counts its calls. */
  open(options: O, host: ProviderHost, fileSystem: FileSystem): Provider;
  /** Raw options beside `root`. @param home a folder for keys, which ends with the harness */
  options(home: string): Record<string, unknown>;
  /** What a name leaves out: `.age`. */
  readonly extension: string;
  /** Writes a payload as the format has it. */
  encrypt(payload: SecretPayload): Promise<Uint8Array | string>;
}

/** Makes a plain directory of encrypted files for the conformance cases. */
export function encryptedHarness<O>(store: EncryptedStore<O>): ConformanceHarness {
  const { adapter: tested, open, options: optionsIn, extension, encrypt, ...more } = store;
  const home = fs.mkdtempSync(join(tmpdir(), "tacit-encrypted-"));
  const root = join(home, "root");
  const staging = join(home, "staging");
  fs.mkdirSync(root);
  const strict = createStrictFileSystem();
  const adapter: Adapter = { ...(tested as Adapter), open: (o, host) => open(o as O, host, strict.fileSystem) };
  const raw = optionsIn(home);
  const options = (): Record<string, unknown> => ({ root, ...raw });
  const fileOf = (path: string): string => join(root, path + extension);
  return {
    adapter,
    options,
    open: (o) => openAdapter(adapter, { ...options(), ...o?.options }, o?.host),
    path: (label) => `conformance/${label}`,
    async put(path, payload) {
      const content = await encrypt(payload);
      fs.mkdirSync(dirname(fileOf(path)), { recursive: true });
      fs.writeFileSync(staging, content);
      fs.renameSync(staging, fileOf(path));
    },
    remove: async (path) => fs.rmSync(fileOf(path), { force: true }),
    async deny(path): Promise<Undo> {
      const { mode } = fs.statSync(fileOf(path));
      fs.chmodSync(fileOf(path), 0);
      return async () => fs.chmodSync(fileOf(path), mode);
    },
    async sever(): Promise<Undo> {
      fs.renameSync(root, `${root}-away`);
      return async () => fs.renameSync(`${root}-away`, root);
    },
    async breakPath(path): Promise<Undo> {
      const place = fileOf(path);
      fs.renameSync(place, `${place}-away`);
      fs.symlinkSync(basename(place), place);
      return async () => {
        fs.rmSync(place);
        fs.renameSync(`${place}-away`, place);
      };
    },
    async corrupt(path): Promise<Undo> {
      const content = fs.readFileSync(fileOf(path));
      fs.truncateSync(fileOf(path), Math.floor(content.length / 2));
      return async () => fs.writeFileSync(fileOf(path), content);
    },
    reads: () => strict.calls,
    ...more,
    async close() {
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}
