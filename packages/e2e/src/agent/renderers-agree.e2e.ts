import { mkdirSync, mkdtempSync, statSync, watch } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readVolumeTree } from "../kubelet/volume-tree.ts";
import { hasPrograms } from "../programs/provided.ts";
import { type RenderedFile, type RenderedFiles, renderOnce } from "./consul-template.ts";
import { type DoubleRenderer, startDoubleRenderer } from "./double-renderer.ts";

const text = (template: string, others: Omit<RenderedFile, "template"> = {}): RenderedFile => ({ template, ...others });

/** Each is rendered over the one before. */
const history: readonly (readonly [title: string, files: RenderedFiles])[] = [
  ["its first file", { token: text("s3cret-fixture-1") }],
  ["another content", { token: text("s3cret-fixture-2") }],
  ["the same content again", { token: text("s3cret-fixture-2") }],
  ["another mode and content", { token: text("s3cret-fixture-3", { mode: "0600" }) }],
  ["a content that keeps the mode", { token: text("s3cret-fixture-4") }],
  ["a backup", { token: text("s3cret-fixture-5", { backup: true }) }],
  ["a backup of the backup", { token: text("s3cret-fixture-6", { backup: true }) }],
  ["no backup where nothing changed", { token: text("s3cret-fixture-6", { backup: true }) }],
  ["a third backup", { token: text("s3cret-fixture-7", { backup: true }) }],
  ["files of a folder", { "db/username": text("user-1\n"), "db/password": text("s3cret-fixture\n") }],
  ["one file of a folder", { "db/username": text("user-2\n"), "db/password": text("s3cret-fixture\n") }],
];

describe.skipIf(!hasPrograms("consul-template"))("the writer double and the real consul-template", () => {
  const place = { real: "", double: "" };
  let double: DoubleRenderer;

  beforeAll(() => {
    const root = mkdtempSync(join(inject("runFolder"), "renderers-"));
    for (const name of ["real", "double"] as const) {
      place[name] = join(root, name);
      mkdirSync(place[name]);
    }
    double = startDoubleRenderer(place.double);
  });
  afterAll(() => double?.[Symbol.asyncDispose]());

  async function render(files: RenderedFiles): Promise<void> {
    renderOnce(place.real, files);
    await double.render(files);
  }

  test.each(history)("leave the same tree after %s", async (_title, files) => {
    await render(files);
    const tree = readVolumeTree(place.real);
    expect(Object.keys(tree)).not.toEqual([]);
    expect(readVolumeTree(place.double)).toEqual(tree);
  });

  test("make a new file for another content, and leave the one for the same content alone", async () => {
    const moves = { real: [] as boolean[], double: [] as boolean[] };
    for (const template of ["a", "a", "b", "b", "a"]) {
      const fileOf = (name: "real" | "double"): number => statSync(join(place[name], "token")).ino;
      const before = { real: fileOf("real"), double: fileOf("double") };
      // An old one that is kept makes sure that its number is not given away.
      await render({ token: text(template, { backup: true }) });
      for (const name of ["real", "double"] as const) moves[name].push(fileOf(name) !== before[name]);
    }
    expect(moves.real).toEqual([true, false, true, false, true]);
    expect(moves.double).toEqual(moves.real);
  });

  test("are seen to do the same: a name of digits alone, a backup, a rename", async () => {
    const files = { token: text("s3cret-fixture-seen", { backup: true }) };
    const real = await eventsWhile(place.real, () => renderOnce(place.real, files));
    const imitated = await eventsWhile(place.double, () => double.render(files));
    expect(real).toContain("rename DIGITS");
    expect(imitated).toEqual(real);
  });
});

/** What a watch of the directory tells meanwhile; the same twice in a row may come as one, so it counts as one. */
async function eventsWhile(directory: string, act: () => unknown): Promise<readonly string[]> {
  const events: string[] = [];
  const last = "rename END";
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const watcher = watch(directory, (type, name) => {
    const event = `${type} ${/^\d+$/.test(name ?? "") ? "DIGITS" : name}`;
    if (event === last) resolve();
    else if (events.at(-1) !== event) events.push(event);
  });
  await act();
  mkdirSync(join(directory, "END"));
  await ended;
  watcher.close();
  return events;
}
