import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "./convert.ts";
import { packages, referenceFolder } from "./packages.ts";

// Checks that every export is documented, and that docs/api says what the sources say. It is no unit test: it reads all sources
// with a compiler, which takes as long as a sixth of the tests.

const written = mkdtempSync(join(tmpdir(), "tacit-reference-"));
const faults: string[] = [];
try {
  for (const name of packages) {
    const { complaints, write } = await convert(name);
    await write(join(written, name));
    const stale = differingFiles(join(referenceFolder, name), join(written, name));
    faults.push(...complaints.map((complaint) => `@tacit/${name}: ${complaint}`));
    faults.push(...stale.map((file) => `docs/api/${name}/${file} is not what the sources say`));
  }
} finally {
  rmSync(written, { recursive: true });
}
if (faults.length > 0) {
  process.stderr.write(`${faults.join("\n")}\nTo write the reference anew: npx pnpm@12 reference\n`);
  process.exitCode = 1;
}

/** The names of the files that only one folder has, or that say something else in the other. */
function differingFiles(one: string, other: string): readonly string[] {
  const [ours, theirs] = [pagesOf(one), pagesOf(other)];
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].toSorted();
  return names.filter((name) => ours.get(name) !== theirs.get(name));
}

/** file -> text */
function pagesOf(folder: string): ReadonlyMap<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
