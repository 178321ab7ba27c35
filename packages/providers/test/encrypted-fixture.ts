import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ConformanceHost, conformanceHost, openAdapter } from "@tacit/core/conformance";
import type { Adapter, Provider, ProviderHost } from "@tacit/core/provider";

/** A directory of encrypted files for one test, with keys beside it and providers that end with it. */
export interface EncryptedFixture extends AsyncDisposable {
  readonly root: string;
  readonly host: ConformanceHost;
  /** Writes a file below the root, settled long ago. */
  write(path: string, content: Uint8Array | string): void;
  /** Writes a key outside the root. @returns its source */
  key(content: Uint8Array | string): { readonly $file: string };
  open<O>(adapter: Adapter<O>, options: Readonly<Record<string, unknown>>): Promise<Provider>;
}

/** Makes an empty root. */
export function encryptedFixture(members?: Partial<ProviderHost>): EncryptedFixture {
  const home = fs.mkdtempSync(join(tmpdir(), "tacit-encrypted-"));
  const root = join(home, "root");
  fs.mkdirSync(root);
  const host = conformanceHost(members);
  const providers: Provider[] = [];
  let keys = 0;
  return {
    root,
    host,
    write(path, content) {
      const file = join(root, path);
      fs.mkdirSync(dirname(file), { recursive: true });
      fs.writeFileSync(file, content);
    },
    key(content) {
      const file = join(home, `key-${keys++}`);
      fs.writeFileSync(file, content);
      return { $file: file };
    },
    async open(adapter, options) {
      const provider = await openAdapter(adapter as Adapter, { root, ...options }, host);
      providers.push(provider);
      return provider;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(providers.map((provider) => provider.close?.()));
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}
