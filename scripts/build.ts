import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { copyDeclarations } from "./declarations.ts";
import { type PublishedPackage, publishedPackages, repository } from "./workspace.ts";

/** Nothing is shortened: a stack names what the source names, and whoever audits the package can read it. */
const common: BuildOptions = {
  target: "node22",
  platform: "node",
  charset: "utf8",
  sourcemap: true,
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
  await writeModules(one, output);
  await writeCommonJs(output);
  const types = one.doors.map((door) => relative("dist/types", door.types));
  const declarations = ["types", "cjs/types"].map((folder) =>
    copyDeclarations(join(one.folder, ".cache/types"), join(output, folder), types),
  );
  process.stdout.write(`${one.name}: ${one.doors.length} entry points, ${declarations[0]} declarations\n`);
}

/**
 * Writes one file per entry point. What two of them share goes into chunks that both import, so that each class and each
 * private field exists once; what is imported by `import()` stays in chunks of its own that load on first use.
 */
async function writeModules(one: PublishedPackage, output: string): Promise<void> {
  await build({
    ...common,
    entryPoints: one.doors.map((door) => ({
      in: join(one.folder, door.source),
      out: relative("dist", door.script).replace(/\.js$/, ""),
    })),
    outdir: output,
    format: "esm",
    bundle: true,
    splitting: true,
    tsconfig: join(one.folder, "tsconfig.json"),
    // NestJS logs a module by the name of its class, which esbuild changes where the class mentions itself. Elsewhere this
    // would cost each closure a property when it is made: two thirds more memory per listener.
    keepNames: one.name === "@tacit/nestjs",
    external: one.dependencies.flatMap((dependency) => [dependency, `${dependency}/*`]),
  });
}

/**
 * Writes each module once more in CommonJS, so that both builds load the same parts at the same moments. `import()` becomes
 * `require()`, because Jest has no `import()` in CommonJS.
 */
async function writeCommonJs(output: string): Promise<void> {
  const folder = join(output, "cjs");
  await build({
    ...common,
    entryPoints: globSync(join(output, "**/*.js")),
    outbase: output,
    outdir: folder,
    format: "cjs",
    supported: { "dynamic-import": false },
    // The maps of the modules hold the sources already.
    sourcesContent: false,
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
}
