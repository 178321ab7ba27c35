import { rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Adapter, Provider } from "@tacit/core/provider";
import { encryptedFixture } from "../../encrypted-fixture.ts";
import { testFile } from "../../test-file.ts";
import { read } from "../file-fixture.ts";

/** Opens one adapter over a new folder, and returns a function that reads a file through it. The folder ends with the process. */
export async function readerOf<O>(
  adapter: Adapter<O>,
  keys: readonly { readonly use: string; readonly file: string }[],
  capBytes: number,
): Promise<(bytes: Buffer) => Promise<unknown>> {
  const fixture = encryptedFixture();
  process.on("exit", () => rmSync(join(fixture.root, ".."), { recursive: true, force: true }));
  const options = keys.map(({ use, file }) => ({ use, key: fixture.key(testFile(adapter.name, file)) }));
  const provider: Provider = await fixture.open(adapter, { keys: options, maxBytes: capBytes });
  let files = 0;
  const longAgo = new Date(Date.now() - 3_600_000);
  return async (bytes) => {
    const name = `file-${files++}`;
    fixture.write(`${name}.yaml`, bytes);
    const path = join(fixture.root, `${name}.yaml`);
    // A file that has just changed is read twice.
    utimesSync(path, longAgo, longAgo);
    try {
      return await read(provider, name);
    } finally {
      rmSync(path);
    }
  };
}
