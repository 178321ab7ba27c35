import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Computed here and there by one rule, so that the text is in no source and on no command line. */
function fixture(seed: number): string {
  return Array.from({ length: 40 }, (_, index) => String.fromCharCode(65 + ((index * 7 + seed) % 26))).join("");
}

const child = `
  import { writeHeapSnapshot } from "node:v8";
  import { text } from "./decode/text.ts";
  import { bytes } from "./decode/bytes.ts";
  import { parseSelector, select } from "./name/selector.ts";
  import { privateBytes } from "./contract/content.ts";
  import { SnapshotSecret } from "./secret/secret.ts";

  const raw = (seed, before = [], after = []) =>
    Uint8Array.from([...before, ...Array.from({ length: 40 }, (_, index) => 65 + ((index * 7 + seed) % 26)), ...after]);
  const value = (raw) => ({ kind: "value", bytes: privateBytes(raw) });
  const make = (codec, content) =>
    new SnapshotSecret("db", { version: "1", fetchedAt: 0, provider: "p", fallback: false },
      codec.decode(content, { reference: "db", expose() {} }), { onReveal() {} });

  const member = value(raw(2, [...'{"a":"'].map((c) => c.charCodeAt(0)), [...'"}'].map((c) => c.charCodeAt(0))));
  const secrets = [
    make(text(), value(raw(0))),
    make(bytes(), value(raw(1))),
    make(text(), select(member, parseSelector("a"), { reference: "db" })),
  ];
  secrets[0].equals(secrets[2]);
  writeHeapSnapshot("sealed.heapsnapshot");
  globalThis.revealed = secrets.map((secret) => secret.reveal());
  writeHeapSnapshot("revealed.heapsnapshot");
`;

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "secret-heap-"));
  const source = child.replaceAll('from "./', `from "${new URL("../", import.meta.url)}`);
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", source], { cwd: directory });
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

async function snapshotHolds(name: string, seed: number): Promise<boolean> {
  return (await readFile(join(directory, `${name}.heapsnapshot`))).includes(fixture(seed));
}

test.each([
  ["text", 0],
  ["bytes", 1],
  ["text selected from JSON", 2],
])("a heap snapshot shows nothing of unrevealed %s", async (_, seed) => {
  expect(await snapshotHolds("sealed", seed)).toBe(false);
});

test.each([
  ["text", 0],
  ["text selected from JSON", 2],
])("a heap snapshot shows revealed %s, so the test above can fail", async (_, seed) => {
  expect(await snapshotHolds("revealed", seed)).toBe(true);
});
