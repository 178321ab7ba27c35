import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withBuildLock } from "./build-lock.ts";
import { cacheFolder, findByVariable, findOnPath } from "./find-program.ts";

/** Environment variable that may hold the path of an installed `postgres`; `initdb` lies beside it. */
export const postgresVariable = "TACIT_E2E_POSTGRES";

const programBelow = "usr/lib/postgresql/*/bin/postgres";

/**
 * Finds a PostgreSQL server: the one that its variable names, else one on PATH, else where Debian installs it, else one
 * that was fetched earlier.
 */
export function findPostgres(): string | undefined {
  const named = findByVariable(postgresVariable);
  if (named !== undefined) return named;
  const installed = findOnPath({ name: "postgres", version: /^postgres \(PostgreSQL\) 1[4-9]/ });
  return installed ?? newestBelow("/") ?? newestBelow(postgresFolder());
}

/** Whether packages of the system can be fetched here, which needs no root. */
export function hasPackages(): boolean {
  return ["apt-get", "dpkg"].every((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
}

/**
 * Unpacks the server and the libraries that the system lacks into the cache, once.
 * @throws when a package cannot be fetched
 */
export async function fetchPostgres(): Promise<string> {
  mkdirSync(cacheFolder(), { recursive: true });
  return await withBuildLock(join(cacheFolder(), "postgres.lock"), async () => {
    if (newestBelow(postgresFolder()) === undefined) {
      process.stderr.write("e2e: postgres: not installed; fetching its packages, once\n");
      mkdirSync(join(postgresFolder(), ".."), { recursive: true });
      const workplace = mkdtempSync(`${postgresFolder()}-`);
      try {
        unpackPackages(workplace);
        if (newestBelow(join(workplace, "root")) === undefined) throw new Error("its packages hold no server");
        renameSync(join(workplace, "root"), postgresFolder());
      } finally {
        rmSync(workplace, { recursive: true, force: true });
      }
    }
    return newestBelow(postgresFolder()) ?? "";
  });
}

/** Root runs the server as somebody else, who cannot look into root's home. */
function postgresFolder(): string {
  return join(process.getuid?.() === 0 ? "/var/cache/tacit-e2e" : cacheFolder(), "postgres");
}

function unpackPackages(workplace: string): void {
  const run = (program: string, ...commandLine: readonly string[]): string =>
    execFileSync(program, commandLine, { cwd: workplace, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  // Lists of its own: those of the system may be absent or out of date, and only root could change that.
  for (const folder of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(workplace, folder), { recursive: true });
  const places = ["lists", "cache"].map((name) => join(workplace, name));
  const apt = (...commandLine: readonly string[]): string =>
    run("apt-get", ...commandLine, "-qq", "-o", `Dir::State::Lists=${places[0]}`, "-o", `Dir::Cache=${places[1]}`);
  apt("update");
  const planned = apt("install", "--print-uris", "--no-install-recommends", "postgresql");
  const names = [...planned.matchAll(/^'\S+' ([^_\s]+)_\S+\.deb /gm)].flatMap(([, name]) => name ?? []);
  apt("download", ...names);
  for (const file of globSync("*.deb", { cwd: workplace })) run("dpkg", "--extract", file, "root");
}

function newestBelow(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const found = globSync(programBelow, { cwd: folder }).map((path) => join(folder, path));
  return found.toSorted((left, right) => left.localeCompare(right, "en", { numeric: true })).at(-1);
}
