import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Computed here and there by one rule, so that the text is in no source and on no command line. */
function fixture(seed: number): string {
  const step = [3, 5, 7, 9, 11, 15, 17, 19][seed] ?? 21;
  return Array.from({ length: 40 }, (_, index) => String.fromCharCode(97 + ((index * step + seed) % 26))).join("");
}

/** Registers values that were bytes all their life, looks for them in text, and only then makes strings of them. */
const child = `
  import { writeHeapSnapshot } from "node:v8";
  import { createRedactor } from "./redactor.ts";

  const steps = [3, 5, 7, 9, 11, 15, 17, 19];
  const bytes = (seed) => Array.from({ length: 40 }, (_, index) => 97 + ((index * steps[seed] + seed) % 26));
  const code = (text) => [...text].map((character) => character.charCodeAt(0));
  const values = [
    bytes(0),
    [...code('{"password":"'), ...bytes(1), ...code('","port":5432}')],
    [...code("-----BEGIN PRIVATE KEY-----\\n"), ...bytes(2), 10, ...bytes(3), ...code("\\n-----END PRIVATE KEY-----\\n")],
    [...code("  "), ...bytes(4), ...code(" \\n")],
    [...code("postgres://app:"), ...bytes(5), ...code("@host/db")],
    [255, 254, ...bytes(6)],
  ].map((list) => Uint8Array.from(list));

  const redactor = createRedactor();
  for (const value of values) redactor.register(value, { name: "n" });
  const released = redactor.register(Uint8Array.from(bytes(7)), { name: "old" });
  released();
  const clean = '{"msg":"nothing \\\\n in %41 <Buffer 61 62> here"}';
  if (redactor.redact(clean) !== clean || redactor.redactJson(clean) !== clean) process.exit(2);
  redactor.find(clean);
  redactor.stats();
  writeHeapSnapshot("registered.heapsnapshot");
  globalThis.strings = values.map((value) => Buffer.from(value).toString("latin1"));
  if (globalThis.strings.slice(0, 5).some((text) => redactor.redact(text) === text)) process.exit(3);
  writeHeapSnapshot("revealed.heapsnapshot");
`;

let directory = "";
const snapshots = new Map<string, Buffer>();
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "redactor-heap-"));
  const source = child.replaceAll('from "./', `from "${new URL("../../src/redact/", import.meta.url)}`);
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", source], { cwd: directory });
  for (const name of ["registered", "revealed"]) {
    snapshots.set(name, await readFile(join(directory, `${name}.heapsnapshot`)));
  }
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

const kinds = [
  ["a text", 0],
  ["a member of JSON", 1],
  ["the first line of a PEM", 2],
  ["the second line of a PEM", 3],
  ["a text with white space around", 4],
  ["a password in a URL", 5],
  ["bytes that are no text", 6],
] as const;

test.each([...kinds, ["a value that was released", 7]] as const)(
  "a heap snapshot shows nothing of %s that was registered as bytes, in any encoding",
  (_, seed) => {
    const value = fixture(seed);
    const bytes = Buffer.from(value);
    const base64 = ["", "a", "ab"].map((before) =>
      Buffer.from(before + value)
        .toString("base64")
        .slice(4, -4),
    );
    const parts = [value, value.slice(0, 16), value.slice(12, 28), value.slice(-16)];
    for (const form of [...parts, ...base64, bytes.toString("hex"), bytes.toString("hex").toUpperCase()]) {
      expect(snapshots.get("registered")?.includes(form)).toBe(false);
    }
  },
);

test.each(kinds)("a heap snapshot shows %s once it is a string, so the test above can fail", (_, seed) => {
  expect(snapshots.get("revealed")?.includes(fixture(seed))).toBe(true);
});
