import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The sources behind the entry points of a package, from its folder. */
export function sourcesOfEntryPoints(folder: string): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  };
  return Object.values(exports).flatMap((entryPoint) =>
    typeof entryPoint === "string" ? [] : (entryPoint["@tacit/source"] ?? []),
  );
}
