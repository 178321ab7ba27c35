import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** One change to a published Go module, whose `go.mod` neighbour replaces it by a folder. */
export interface ModulePatch {
  /** As `path@version`. */
  readonly module: string;
  /** Where `go.mod` expects the changed copy. */
  readonly folder: string;
  /** File of the module, and what of it becomes what. */
  readonly file: string;
  readonly find: string;
  readonly replacement: string;
}

/**
 * Puts the changed copy into the folder of a Go module.
 * @throws when the module cannot be downloaded, or does not hold exactly one place to change
 */
export function patchModule({ module, folder, file, find, replacement }: ModulePatch, place: string): void {
  // Outside of the module that asks, which has no such folder yet.
  const answer = execFileSync("go", ["mod", "download", "-json", module], { cwd: dirname(place), encoding: "utf8" });
  const { Dir: source } = JSON.parse(answer) as { readonly Dir: string };
  copyWritable(source, join(place, folder));
  const target = join(place, folder, file);
  const parts = readFileSync(target, "utf8").split(find);
  if (parts.length !== 2) throw new Error(`${module} has ${parts.length - 1} places to change in ${file}, not one`);
  writeFileSync(target, parts.join(replacement));
}

/** Go keeps its modules read-only, which a copy of files and modes would be too. */
function copyWritable(source: string, target: string): void {
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const copy = join(target, relative(source, file));
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, readFileSync(file));
  }
}
