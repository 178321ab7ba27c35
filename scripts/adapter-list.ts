import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./workspace.ts";

const providersPackage = join(repository, "packages/providers");

/** The source that lists every adapter, from the root of the repository. */
export const adapterListFile = "packages/providers/src/index.ts";

/** The manifest of the package of the adapters, from the root of the repository. */
export const adapterManifestFile = "packages/providers/package.json";

/** Folders of packages/providers/src that are entry points and no adapters. */
const otherEntryPoints: readonly string[] = ["at-rest"];

/** The names of the adapters, sorted. Each is a folder of packages/providers/src; `shared` is what several of them need. */
export function adapterFolders(): readonly string[] {
  return readdirSync(join(providersPackage, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "shared" && !otherEntryPoints.includes(entry.name))
    .map(({ name }) => name)
    .toSorted();
}

/** Returns the source of the `adapters` record. A docstring in it is that of the adapter. */
export function adapterListText(): string {
  const adapters = adapterFolders().map(readAdapter);
  return `import type { Adapter, AnyKeyRing } from "@tacit/core/provider";
${adapters.map(({ folder, type }) => `import type { ${type} } from "./${folder}/index.ts";\n`).join("")}
// \`pnpm generate\` writes this file from the folders beside it.

/** Every adapter of this package, by the name that a config document uses; each is loaded when a document names it. */
export const adapters: {
${adapters.map(({ key, doc, type }) => `  /** ${doc} */\n  readonly ${key}: () => Promise<Adapter<${type}>>;\n`).join("")}} = {
${adapters.map(loaderLine).join("")}};

/** The key services that the snapshot of a document may use: \`createSecrets({ adapters, keys })\`. */
export const keys: () => Promise<AnyKeyRing> = () => import("./shared/keys/key-ring.ts").then(({ keyRing }) => keyRing);
`;
}

/** As the formatter breaks it. */
function loaderLine({ key, folder, name }: AdapterSource): string {
  const load = `import("./${folder}/index.ts").then(({ ${name} }) => ${name}),`;
  const line = `  ${key}: () => ${load}\n`;
  return line.length <= 121 ? line : `  ${key}: () =>\n    ${load}\n`;
}

/** Returns the manifest with one entry point for each adapter and the others, and everything else as it is. */
export function adapterManifestText(): string {
  const manifest = JSON.parse(readFileSync(join(repository, adapterManifestFile), "utf8")) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  const folders = [...adapterFolders(), ...otherEntryPoints].toSorted();
  const entryPoints = Object.fromEntries(folders.map((folder) => [`./${folder}`, toExport(folder)]));
  const data = Object.entries(manifest.exports).filter(([, target]) => typeof target === "string");
  const types = folders.map((folder) => [folder, [`./dist/cjs/types/${folder}/index.d.ts`]]);
  const written = {
    ...manifest,
    typesVersions: { "*": Object.fromEntries(types) },
    exports: { ".": manifest.exports["."], ...entryPoints, ...Object.fromEntries(data) },
  };
  return `${JSON.stringify(written, null, 2)}\n`;
}

interface AdapterSource {
  readonly folder: string;
  /** The folder as a key of a record: quoted where it has dashes. */
  readonly key: string;
  readonly doc: string;
  /** The constant that its entry point exports. */
  readonly name: string;
  /** The type of its options. */
  readonly type: string;
}

function readAdapter(folder: string): AdapterSource {
  const text = readFileSync(join(providersPackage, "src", folder, "index.ts"), "utf8");
  const [, doc, name, type] = /\/\*\* (.+) \*\/\nexport const (\w+): Adapter<(\w+)> = /.exec(text) ?? [];
  if (doc === undefined || name === undefined || type === undefined) {
    throw new Error(`packages/providers/src/${folder}/index.ts exports no adapter that has a docstring of one line`);
  }
  return { folder, key: /^\w+$/.test(folder) ? folder : JSON.stringify(folder), doc, name, type };
}

function toExport(folder: string): unknown {
  return {
    "@tacit/source": `./src/${folder}/index.ts`,
    import: { types: `./dist/types/${folder}/index.d.ts`, default: `./dist/${folder}/index.js` },
    require: { types: `./dist/cjs/types/${folder}/index.d.ts`, default: `./dist/cjs/${folder}/index.js` },
  };
}

if (import.meta.main) {
  writeFileSync(join(repository, adapterListFile), adapterListText());
  writeFileSync(join(repository, adapterManifestFile), adapterManifestText());
}
