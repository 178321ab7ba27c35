import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "./workspace.ts";

/** An empty folder outside the repository into which the packed packages are installed as a user would. */
export interface Consumer extends Disposable {
  readonly folder: string;
  /**
   * Imports or requires an entry point and lists what it exports, sorted.
   * @throws when Node fails or prints anything on standard error
   */
  load(binary: string, how: "import" | "require", specifier: string): readonly string[];
  /**
   * Compiles a program that names every entry point, with the declarations of the packages themselves checked too.
   * @throws with the compiler's report
   */
  compile(specifiers: readonly string[]): void;
  /** The names of these packages and of all that they depend on, sorted; optional peers are the application's affair. */
  installedWith(names: readonly string[]): readonly string[];
  /** Bytes of one installed package, without its dependencies. */
  installedBytes(name: string): number;
}

/** Installs packages with npm: tarballs, or what else `npm install` takes. */
export function installConsumer(packages: readonly string[]): Consumer {
  const folder = mkdtempSync(join(tmpdir(), "consumer-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    timeout: 300_000,
  });
  return {
    folder,
    load: (binary, how, specifier) => load(folder, binary, how, specifier),
    compile: (specifiers) => compile(folder, specifiers),
    installedWith: (names) => [...dependenciesOf(folder, names, new Set())].toSorted(),
    installedBytes: (name) => folderBytes(join(folder, "node_modules", name)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function load(folder: string, binary: string, how: "import" | "require", specifier: string): readonly string[] {
  const quoted = JSON.stringify(specifier);
  const loading = how === "import" ? `await import(${quoted})` : `require(${quoted})`;
  const inputType = how === "import" ? "module" : "commonjs";
  const program = `process.stdout.write(JSON.stringify(Object.keys(${loading}).sort()))`;
  return JSON.parse(runSilently(binary, [`--input-type=${inputType}`, "--eval", program], folder)) as readonly string[];
}

/**
 * Runs a program to its end and gives its standard output.
 * @throws when it fails, takes more than a minute, or prints anything on standard error
 */
export function runSilently(binary: string, parameters: readonly string[], folder: string): string {
  const options = { cwd: folder, env: consumerEnvironment(), encoding: "utf8", timeout: 60_000 } as const;
  const run = spawnSync(binary, parameters, options);
  if (run.status !== 0 || run.stderr !== "") {
    throw new Error(`exit ${run.status}, standard error:\n${run.stderr}\nstandard output:\n${run.stdout}`);
  }
  return run.stdout;
}

/** The variables of this run that may reach a child: NODE_OPTIONS could hide a warning or add a condition. */
export function consumerEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_NO_WARNINGS: _silence, ...environment } = process.env;
  return environment;
}

function compile(folder: string, specifiers: readonly string[]): void {
  const lines = specifiers.map(
    (specifier, index) => `import * as entryPoint${index} from ${JSON.stringify(specifier)};`,
  );
  writeFileSync(
    join(folder, "program.ts"),
    [...lines, `void [${lines.map((_, index) => `entryPoint${index}`)}];`].join("\n"),
  );
  const options = {
    compilerOptions: {
      target: "es2024",
      lib: ["es2024", "esnext.disposable"],
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      types: ["node"],
      typeRoots: [join(repository, "node_modules/@types")],
    },
    files: ["program.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
  const run = spawnSync(join(repository, "node_modules/.bin/tsc"), ["-p", folder], {
    encoding: "utf8",
    timeout: 120_000,
  });
  if (run.status !== 0) throw new Error(run.stdout + run.stderr);
}

/** npm puts everything side by side where no versions differ, as in a folder that is empty before. */
function dependenciesOf(folder: string, names: readonly string[], found: Set<string>): ReadonlySet<string> {
  for (const name of names.filter((each) => !found.has(each))) {
    found.add(name);
    const manifest = readFileSync(join(folder, "node_modules", name, "package.json"), "utf8");
    const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Readonly<Record<string, string>> };
    dependenciesOf(folder, Object.keys(dependencies), found);
  }
  return found;
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
