import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withBuildLock } from "./build-lock.ts";
import { cacheFolder, findByVariable } from "./find-program.ts";

/** Environment variable that may hold the path of an installed one. */
export const ministackVariable = "TACIT_E2E_MINISTACK";

const version = "1.5.33";

/** Finds the stand-in for AWS that checks signatures: the one that its variable names, else one installed earlier. */
export function findMinistack(): string | undefined {
  const program = join(environmentFolder(), "bin/ministack");
  return findByVariable(ministackVariable) ?? (existsSync(program) ? program : undefined);
}

/** Whether Python is there, with what makes environments. */
export function hasPython(): boolean {
  return spawnSync("python3", ["-c", "import venv, ensurepip"], { stdio: "ignore" }).status === 0;
}

/**
 * Installs it into an environment of its own in the cache, once.
 * @throws when its package cannot be fetched
 */
export async function installMinistack(): Promise<string> {
  mkdirSync(cacheFolder(), { recursive: true });
  return await withBuildLock(join(cacheFolder(), "ministack.lock"), async () => {
    const found = findMinistack();
    if (found !== undefined) return found;
    process.stderr.write("e2e: ministack: not installed; fetching its package, once\n");
    const folder = environmentFolder();
    // An environment knows its own path, so it is made where it stays; the program is the last thing in it.
    rmSync(folder, { recursive: true, force: true });
    const run = (program: string, ...commandLine: readonly string[]): unknown =>
      execFileSync(program, commandLine, { stdio: ["ignore", "ignore", "pipe"] });
    run("python3", "-m", "venv", folder);
    run(join(folder, "bin/pip"), "install", "--quiet", `ministack==${version}`);
    return join(folder, "bin/ministack");
  });
}

function environmentFolder(): string {
  return join(cacheFolder(), `ministack-${version}`);
}
