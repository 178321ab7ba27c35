import { join } from "node:path";

/** Where the reference of all packages lies. */
export const referenceFolder: string = join(import.meta.dirname, "../../../docs/api");

/** The packages that have a public API; each has a folder of that name in the reference. */
export const packages: readonly string[] = ["core", "providers", "express", "nestjs"];
