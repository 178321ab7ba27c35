import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPrograms } from "../programs/provided.ts";
import { type DoubleWriter, startDoubleWriter } from "./double-writer.ts";
import { type RealWriter, startRealWriter, type VolumeFiles } from "./real-writer.ts";
import { payloadDirectory, readVolumeTree } from "./volume-tree.ts";

const text = (content: string, mode?: number) => (mode === undefined ? { content } : { content, mode });

/** Each is written over the one before. */
const history: readonly (readonly [title: string, files: VolumeFiles])[] = [
  ["an optional Secret that is absent", {}],
  ["its first value", { username: text("user-1"), password: text("s3cret-fixture-1") }],
  ["a rotation", { username: text("user-2"), password: text("s3cret-fixture-2") }],
  ["the same payload again", { username: text("user-2"), password: text("s3cret-fixture-2") }],
  ["nothing but another mode", { username: text("user-2", 0o400), password: text("s3cret-fixture-2") }],
  [
    "a key more, and the mode with it",
    { username: text("user-2", 0o400), password: text("s3cret-fixture-2"), c: text("") },
  ],
  ["a key less", { password: text("s3cret-fixture-2"), c: text("") }],
  [
    "nested items",
    { c: text("x"), "group/one": text("1", 0o640), "group/deep/two": text("2"), "other/three": text("3") },
  ],
  ["a nested item less", { c: text("x"), "group/deep/two": text("2"), "other/three": text("3") }],
  ["a nested group less", { c: text("x"), "group/deep/two": text("2") }],
  ["bytes", { "tls.crt": { content: Uint8Array.from({ length: 256 }, (_, byte) => byte) }, "a.b-c_D": text("\n") }],
  ["nothing any more", {}],
];

describe.skipIf(!hasPrograms("atomic-writer"))("the writer double and the kubelet's own writer", () => {
  let root: string;
  let real: RealWriter;
  let double: DoubleWriter;
  const place = (name: string): string => join(root, name);

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "kubelet-writers-"));
    mkdirSync(place("real"));
    mkdirSync(place("double"));
    real = startRealWriter(place("real"));
    double = startDoubleWriter(place("double"));
  });
  afterAll(async () => {
    await Promise.all([real?.stop(), double?.stop()]);
    rmSync(root, { recursive: true });
  });

  test.each(history)("leave the same tree after %s", async (_title, files) => {
    await Promise.all([real.write(files), double.write(files)]);
    const tree = readVolumeTree(place("real"));
    expect(readVolumeTree(place("double"))).toEqual(tree);
    expect(tree).toHaveProperty(["..data"], "link to ..TIME");
  });

  test("move on to a new directory for the same payloads", async () => {
    const moves = { real: [] as boolean[], double: [] as boolean[] };
    for (const [, files] of history) {
      for (const [name, writer] of [
        ["real", real],
        ["double", double],
      ] as const) {
        const before = payloadDirectory(place(name));
        await writer.write(files);
        moves[name].push(payloadDirectory(place(name)) !== before);
      }
    }
    expect(moves.double).toEqual(moves.real);
    expect(moves.real).toContain(false);
  });

  test("both fail on a temporary link that a killed writer left, and leave the same tree", async () => {
    for (const name of ["real", "double"]) symlinkSync("nowhere", join(place(name), "..data_tmp"));
    const files = { username: text("user-3") };
    await expect(real.write(files)).rejects.toThrow("file exists");
    await expect(double.write(files)).rejects.toThrow("EEXIST");
    expect(readVolumeTree(place("double"))).toEqual(readVolumeTree(place("real")));
  });

  test("both put back a key link that is missing when the payload is the same", async () => {
    for (const name of ["real", "double"]) rmSync(join(place(name), "..data_tmp"));
    const files = { username: text("user-4"), password: text("s3cret-fixture-4") };
    for (const writer of [real, double]) await writer.write(files);
    for (const name of ["real", "double"]) rmSync(join(place(name), "username"));
    for (const writer of [real, double]) await writer.write(files);
    const tree = readVolumeTree(place("real"));
    expect(tree).toHaveProperty(["username"], "link to ..data/username");
    expect(readVolumeTree(place("double"))).toEqual(tree);
  });
});
