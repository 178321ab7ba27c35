import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "tsup";
import { copyDeclarations } from "./declarations.ts";
import { type PublishedPackage, publishedPackages, repository } from "./workspace.ts";

const packages = publishedPackages();
compile(packages);
for (const one of packages) await bundle(one);

/** Checks the types of the packages, tests included, and emits declarations into each package's cache. */
function compile(all: readonly PublishedPackage[]): void {
  const tsc = join(repository, "node_modules/.bin/tsc");
  const { status } = spawnSync(tsc, ["-b", ...all.map((one) => one.folder)], { cwd: repository, stdio: "inherit" });
  // The compiler has said what is wrong; a stack of this script would only hide it.
  if (status !== 0) process.exit(1);
}

/**
 * Writes one file per door. What two doors share goes into chunks that both import, so that each class and each private
 * field exists once; what is imported by `import()` stays in chunks of its own that load on first use.
 */
async function bundle(one: PublishedPackage): Promise<void> {
  const output = join(one.folder, "dist");
  rmSync(output, { recursive: true, force: true });
  await build({
    config: false,
    entry: Object.fromEntries(one.doors.map((door) => [entryName(door.script), join(one.folder, door.source)])),
    outDir: output,
    format: "esm",
    target: "node22",
    platform: "node",
    splitting: true,
    sourcemap: false,
    dts: false,
    clean: false,
    silent: true,
    tsconfig: join(one.folder, "tsconfig.json"),
    external: one.dependencies.map((dependency) => new RegExp(`^${dependency}(/|$)`)),
    removeNodeProtocol: false,
    esbuildOptions(options) {
      // Size is start-up time, and core's has a limit. Keeping the names of what is shortened would cost each closure a
      // property of its own when it is made: two thirds more memory per listener.
      options.minifyWhitespace = true;
      options.minifySyntax = true;
      options.minifyIdentifiers = one.name === "@tacit/core";
      options.lineLimit = 160;
    },
  });
  const declarations = copyDeclarations(
    join(one.folder, ".cache/types/src"),
    join(output, "types"),
    one.doors.map((door) => relative("dist/types", door.types)),
  );
  process.stdout.write(`${one.name}: ${one.doors.length} doors, ${declarations} declarations\n`);
}

/** `./dist/redact/index.js` -> `redact/index` */
function entryName(script: string): string {
  return relative("dist", script).replace(/\.js$/, "");
}
