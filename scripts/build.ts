import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { rolldown } from "rolldown";
import { axiosCore } from "./axios-core.ts";
import { builtinImports } from "./builtin-imports.ts";
import { copyDeclarations } from "./declarations.ts";
import { lineMap } from "./line-map.ts";
import { startChunks } from "./start-chunks.ts";
import { thirdPartyNotices } from "./third-party-notices.ts";
import { type PublishedPackage, publishedPackages, repository } from "./workspace.ts";

/**
 * Nothing is shortened: a stack names what the source names, and whoever audits the package can read it, with the path of
 * the source above each part. The maps say the file and line of the source, as a stack does; with its text and columns in
 * them they would be most of an install.
 */
const common: BuildOptions = {
  target: "node22",
  charset: "utf8",
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
};

const packages = publishedPackages();
compile(packages);
await Promise.all(packages.map(bundle));

/** Checks the types of the packages, tests included, and emits declarations into each package's cache. */
function compile(all: readonly PublishedPackage[]): void {
  const tsc = join(repository, "node_modules/.bin/tsc");
  const { status } = spawnSync(tsc, ["-b", ...all.map((one) => one.folder)], { cwd: repository, stdio: "inherit" });
  // The compiler has said what is wrong; a stack of this script would only hide it.
  if (status !== 0) process.exit(1);
}

/** Writes `dist`, for `import`, and `dist/cjs`, for `require()`, each with declarations of its own. */
async function bundle(one: PublishedPackage): Promise<void> {
  const output = join(one.folder, "dist");
  rmSync(output, { recursive: true, force: true });
  const inputs = await writeModules(one, output);
  await writeCommonJs(one, output);
  for (const map of globSync(join(output, "**/*.js.map"))) writeFileSync(map, lineMap(readFileSync(map, "utf8")));
  const notices = thirdPartyNotices(inputs);
  if (notices !== "") writeFileSync(join(output, "THIRD-PARTY-NOTICES.txt"), notices);
  const types = one.entryPoints.map((entryPoint) => relative("dist/types", entryPoint.types));
  const isBundled = (specifier: string): boolean =>
    !/^(\.|node:)/.test(specifier) &&
    ![one.name, ...one.dependencies].some((name) => `${specifier}/`.startsWith(`${name}/`));
  const declarations = ["types", "cjs/types"].map((folder) =>
    copyDeclarations(join(one.folder, ".cache/types/src"), join(output, folder), types, isBundled),
  );
  process.stdout.write(`${one.name}: ${one.entryPoints.length} entry points, ${declarations[0]} declarations\n`);
}

/**
 * Writes one file per entry point. What two of them share goes into chunks that both import, so that each class and each
 * private field exists once; what is imported by `import()` stays in chunks of its own that load on first use.
 * @returns the files that it holds parts of
 */
async function writeModules(one: PublishedPackage, output: string): Promise<readonly string[]> {
  const { groups, observer } = startChunks(one);
  await using bundle = await rolldown({
    input: Object.fromEntries(
      one.entryPoints.map((entryPoint) => [
        relative("dist", entryPoint.script).replace(/\.js$/, ""),
        join(one.folder, entryPoint.source),
      ]),
    ),
    plugins: [axiosCore, builtinImports(/\/packages\/\w+\/src\/.+\.ts$/), observer],
    // A package that is bundled must be one of modules that require() nothing: an application that is bundled into one ES
    // module itself has no require(). With the platform "node", `yaml` would be another build of it.
    platform: "neutral",
    external: (id) => id.startsWith("node:") || one.dependencies.some((name) => `${id}/`.startsWith(`${name}/`)),
    tsconfig: join(one.folder, "tsconfig.json"),
    transform: { target: common.target as string },
  });
  const { output: files } = await bundle.write({
    dir: output,
    format: "es",
    sourcemap: true,
    sourcemapExcludeSources: true,
    codeSplitting: { groups },
    minifyInternalExports: false,
    comments: { legal: true, annotation: true, jsdoc: false },
    // NestJS logs a module by the name of its class.
    keepNames: one.name === "@tacit/nestjs",
  });
  return files.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
}

/**
 * Writes each module once more in CommonJS, so that both builds load the same parts at the same moments. `import()` becomes
 * `require()`, because Jest has no `import()` in CommonJS.
 */
async function writeCommonJs(one: PublishedPackage, output: string): Promise<void> {
  const folder = join(output, "cjs");
  await build({
    ...common,
    entryPoints: globSync(join(output, "**/*.js")),
    outbase: output,
    outdir: folder,
    format: "cjs",
    platform: "node",
    supported: { "dynamic-import": false },
    define: { "process.getBuiltinModule": "require" },
  });
  for (const script of globSync(join(folder, "**/*.js"))) keepImportsOfPeers(script, one.optionalPeers);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
}

/** Gives optional peers their `import()` back: a bundler that does not find one tolerates an `import()` in a `try` block. */
function keepImportsOfPeers(script: string, peers: readonly string[]): void {
  const text = readFileSync(script, "utf8");
  const kept = text.replace(
    /Promise\.resolve\(\)\.then\(\(\) => __toESM\(require\("([^"]+)"\)(?:, 1)?\)\)/g,
    (found, name: string) => (peers.includes(name) ? `import("${name}")` : found),
  );
  if (kept !== text) writeFileSync(script, kept);
}
