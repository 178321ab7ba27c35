import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type PublishedPackage, publishedPackages } from "./workspace.ts";

/** Packs every published package, as it was built last, and tells where each tarball is. Needs pnpm, as in a script of it. */
export function packPackages(folder: string): ReadonlyMap<PublishedPackage, string> {
  return new Map(publishedPackages().map((one) => [one, pack(one, folder)]));
}

function pack(one: PublishedPackage, folder: string): string {
  const tarball = join(folder, `${one.name.replace("/", "-")}.tgz`);
  execFileSync("pnpm", ["pack", "--out", tarball], { cwd: one.folder, stdio: ["ignore", "ignore", "inherit"] });
  return tarball;
}
