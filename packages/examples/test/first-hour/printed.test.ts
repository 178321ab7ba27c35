import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { type Mistake, mistakes } from "./mistakes.ts";

const cache = fileURLToPath(new URL("../../.cache/", import.meta.url));
mkdirSync(cache, { recursive: true });
const repository = fileURLToPath(new URL("../../../../", import.meta.url)).replace(/\/$/, "");
const home = mkdtempSync(join(cache, "first-hour-"));
afterAll(() => rmSync(home, { recursive: true }));

// Three, so that a new adapter changes nothing here.
const imports =
  'import { createSecrets } from "@tacit/core";\nimport { adapters as all } from "@tacit/providers";\nconst { env, file, vault } = all, adapters = { env, file, vault };\n';

/** Standard error of a program, with the folder as `/app`, and no version of Node. */
async function printed({ program, files = {}, env = {} }: Mistake, index: number): Promise<string> {
  const folder = join(home, String(index));
  for (const [name, content] of Object.entries({ ...files, "app.mjs": imports + program })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const { promise, resolve } = Promise.withResolvers<string>();
  const parameters = ["--conditions=@tacit/source", join(folder, "app.mjs")];
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  execFile(
    process.execPath,
    parameters,
    { cwd: folder, env: { PATH, NODE_COMPILE_CACHE, NO_COLOR: "1", ...env } },
    (_error, stdout, stderr) => resolve(stdout + stderr),
  );
  // Frames below a cause are those of this checkout.
  const text = (await promise)
    .replaceAll(folder, "/app")
    .replaceAll(repository, "/repository")
    .replace(/^ {10}at .*packages\/.*\n/gm, "")
    // Those of Node itself change from one version to the next.
    .replace(/^ {4}at .*\(?node:internal\/.*?\)?( \{)?\n/gm, (_frame, end) =>
      end === undefined ? "" : "    at node:internal {\n",
    );
  return text.replace(/\nNode\.js v[\d.]+\n/, "").replace(/^node:internal.*:\d+$/gm, "node:internal");
}

test("what a program prints that makes a mistake of the first hour", async () => {
  const outputs: string[] = [];
  for (const [index, mistake] of mistakes.entries())
    outputs.push(`## ${mistake.title}\n\n${(await printed(mistake, index)).trim()}\n`);
  const text = outputs.join("\n\n");
  expect(text).not.toContain("s3cret-fixture");
  // Frames of the library tell an application nothing, below a cause apart; nor do fields without a value.
  expect(text).not.toMatch(/^ {4}at .*packages\/(core|providers)\//m);
  expect(text).not.toContain(": undefined");
  await expect(text).toMatchFileSnapshot("./printed.txt");
}, 60_000);
