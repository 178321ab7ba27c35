import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Consumer, installConsumer } from "../../../../scripts/consumer.ts";
import { packPackages } from "../../../../scripts/pack.ts";
import { repository } from "../../../../scripts/workspace.ts";

/** The compilers that the declarations must satisfy; the last is the one that this repository is compiled with. */
export const compilers = ["5.9", "6", "7"] as const;
export type CompilerVersion = (typeof compilers)[number];

/** How a project finds modules, and what it is compiled to. */
export interface ProjectKind {
  readonly type: "module" | "commonjs";
  /** `node10` looks at no `exports`: the default of TypeScript 5 for CommonJS. */
  readonly resolution: "nodenext" | "bundler" | "node10";
}

const moduleFormats = { nodenext: "nodenext", bundler: "esnext", node10: "commonjs" } as const;
const sources = join(repository, "packages/e2e/consumers");
const olderCompilers = ["typescript-5.9@npm:typescript@~5.9.3", "typescript-6@npm:typescript@^6.0.3"];

/** Packs what was built and installs it as a user would, with the older compilers and what else is asked for. */
export function installPacked(others: readonly string[]): Consumer {
  const shelf = mkdtempSync(join(tmpdir(), "tarballs-"));
  try {
    return installConsumer([...packPackages(shelf).values(), ...olderCompilers, "@types/node@22", ...others]);
  } finally {
    rmSync(shelf, { recursive: true, force: true });
  }
}

/** Writes a project that finds its dependencies in the folder above, and gives its own. */
export function writeProject(consumer: Consumer, name: string, source: string, kind: ProjectKind): string {
  const folder = join(consumer.folder, name);
  mkdirSync(join(folder, "src"), { recursive: true });
  for (const file of readdirSync(join(sources, source)).filter((name) => !name.endsWith(".test.ts"))) {
    copyFileSync(join(sources, source, file), join(folder, "src", file));
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true, type: kind.type }));
  const compilerOptions = {
    target: "es2022",
    module: moduleFormats[kind.resolution],
    moduleResolution: kind.resolution,
    types: ["node"],
    strict: true,
    // Also what others declare, since no user can mend it.
    skipLibCheck: false,
    esModuleInterop: true,
    // What a library on top of these would emit: every type must have a name that it can import.
    declaration: true,
    experimentalDecorators: true,
    rewriteRelativeImportExtensions: true,
    rootDir: "src",
    outDir: "built",
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  return folder;
}

/** Compiles a project into its folder `built`. @throws with the compiler's report */
export function compileProject(consumer: Consumer, folder: string, version: CompilerVersion): void {
  const script = join(consumer.folder, `node_modules/typescript-${version}/bin/tsc`);
  // Version 6 warns of `node10`, which it still has.
  const settings = version === "6" ? ["--ignoreDeprecations", "6.0"] : [];
  const run =
    version === "7"
      ? spawnSync(join(repository, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8", timeout: 120_000 })
      : spawnSync(process.execPath, [script, "-p", folder, ...settings], { encoding: "utf8", timeout: 120_000 });
  if (run.status !== 0) throw new Error(run.stdout + run.stderr);
}
