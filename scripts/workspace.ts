import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The root of this repository, without a trailing slash. */
export const repository: string = join(import.meta.dirname, "..");

/** One entry point of a published package. */
export interface EntryPoint {
  /** As an application imports it: `@tacit/core/redact`. */
  readonly specifier: string;
  /** From the package's folder: `src/redact/index.ts`. */
  readonly source: string;
  /** What `import` loads, from the package's folder: `dist/redact/index.js`. */
  readonly script: string;
  /** From the package's folder: `dist/types/redact/index.d.ts`. */
  readonly types: string;
}

/** A package that is published. */
export interface PublishedPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute. */
  readonly folder: string;
  readonly entryPoints: readonly EntryPoint[];
  /** What its consumers install, optional peers too: none of it is bundled. */
  readonly dependencies: readonly string[];
  readonly optionalPeers: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
  readonly exports?: Record<string, string | ExportConditions>;
}

interface ExportConditions {
  readonly "@tacit/source"?: string;
  readonly import?: { readonly types?: string; readonly default?: string };
}

/** Every package under packages/ that is not private, dependencies first. */
export function publishedPackages(): readonly PublishedPackage[] {
  const packages = readdirSync(join(repository, "packages"))
    .map((entry) => join(repository, "packages", entry))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest }) => toPublishedPackage(folder, manifest));
  return packages.toSorted((left, right) => Number(dependsOn(left, right)) - Number(dependsOn(right, left)));
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function toPublishedPackage(folder: string, manifest: Manifest): PublishedPackage {
  return {
    name: manifest.name,
    version: manifest.version,
    folder,
    entryPoints: Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) =>
      toEntryPoint(manifest.name, subpath, target),
    ),
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    optionalPeers: Object.entries(manifest.peerDependenciesMeta ?? {}).flatMap(([peer, { optional }]) =>
      optional === true ? [peer] : [],
    ),
  };
}

/** Returns nothing for a data file such as `./package.json`. */
function toEntryPoint(name: string, subpath: string, target: string | ExportConditions): readonly EntryPoint[] {
  if (typeof target === "string") return [];
  const source = target["@tacit/source"];
  const { default: script, types } = target.import ?? {};
  if (source === undefined || script === undefined || types === undefined) {
    throw new Error(`${name}: the export "${subpath}" needs "@tacit/source" and "import" with "types" and "default"`);
  }
  return [{ specifier: name + subpath.slice(1), source, script, types }];
}

function dependsOn(one: PublishedPackage, other: PublishedPackage): boolean {
  return one.dependencies.includes(other.name);
}
