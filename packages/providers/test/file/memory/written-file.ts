import { rmSync } from "node:fs";
import { join } from "node:path";
import { conformanceHost } from "@tacit/core/conformance";
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
  const { clock } = conformanceHost();
  // A file that has just changed is read twice, with a pause; by this clock each was written an hour ago.
  const fixture = encryptedFixture({ clock: { ...clock, now: () => clock.now() + 3_600_000 } });
  process.on("exit", () => rmSync(join(fixture.root, ".."), { recursive: true, force: true }));
  const options = keys.map(({ use, file }) => ({ use, key: fixture.key(testFile(adapter.name, file)) }));
  const provider: Provider = await fixture.open(adapter, { keys: options, maxBytes: capBytes });
  let files = 0;
  return async (bytes) => {
    const name = `file-${files++}`;
    fixture.write(`${name}.yaml`, bytes);
    const path = join(fixture.root, `${name}.yaml`);
    try {
      return await read(provider, name);
    } finally {
      rmSync(path);
    }
  };
}
