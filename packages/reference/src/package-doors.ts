import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The sources behind the entry points of a package, from its folder. */
export function packageDoors(folder: string): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  };
  return Object.values(exports).flatMap((door) => (typeof door === "string" ? [] : (door["@tacit/source"] ?? [])));
}
