import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Program } from "./programs.ts";

/** Where the Go modules lie. */
export const modulesFolder: string = join(import.meta.dirname, "../../servers");

/**
 * Finds a program: the one that its environment variable names, else a fitting one on PATH, else one built earlier.
 * Gives undefined where there is none.
 * @throws when the variable names no program
 */
export function findProgram(program: Program): string | undefined {
  const named = findByVariable(program.variable);
  if (named !== undefined) return named;
  const built = builtProgram(program);
  return findOnPath(program) ?? (existsSync(built) ? built : undefined);
}

/**
 * The program that an environment variable names, if it is set.
 * @throws when it names no program
 */
export function findByVariable(variable: string): string | undefined {
  const named = process.env[variable];
  if (named === undefined || named === "") return undefined;
  if (!isExecutable(named)) throw new Error(`${variable} names no program: ${named}`);
  return named;
}

/** Programs are kept outside of the repository, so that they survive a fresh clone. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tacit-e2e");
}

/** Where the program lies once it is built from its present sources; other sources, another place. */
export function builtProgram(program: Program): string {
  const hash = createHash("sha256").update(JSON.stringify(program.link ?? {}));
  for (const file of ["go.mod", "go.sum", ...sourcesOf(program)]) {
    hash.update(readFileSync(join(modulesFolder, program.module, file)));
  }
  if (program.patch !== undefined) hash.update(JSON.stringify(program.patch));
  return join(cacheFolder(), `${program.name}-${hash.digest("hex").slice(0, 16)}`);
}

/** Those of a tool lie elsewhere, and go.sum fixes them. */
function sourcesOf({ module, entry }: Program): readonly string[] {
  if (!entry.startsWith(".")) return [];
  const sources = readdirSync(join(modulesFolder, module, entry)).filter((name) => name.endsWith(".go"));
  return sources.toSorted().map((name) => join(entry, name));
}

/** The first program of that name on PATH that prints a fitting version; without one to fit, none. */
export function findOnPath(command: {
  readonly name: string;
  readonly version?: RegExp | undefined;
}): string | undefined {
  const { name, version } = command;
  if (version === undefined) return undefined;
  const candidates = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  return candidates.filter(isExecutable).find((candidate) => {
    const { stdout } = spawnSync(candidate, ["--version"], { encoding: "utf8", timeout: 10_000 });
    return version.test(stdout ?? "");
  });
}

/** Whether there is a file that this process may start. */
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
