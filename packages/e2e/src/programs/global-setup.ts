import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { endLeftovers } from "../cluster/server-process.ts";
import { type FoundPrograms, getPrograms } from "./get-programs.ts";

/** What this setup hands to the tests. */
export interface Provided {
  /** Paths of the programs that there are. */
  readonly programs: FoundPrograms["paths"];
  /** A folder of this run, for whatever servers write. */
  readonly runFolder: string;
}

/**
 * Finds or gets every program before the first test, and afterwards ends what a test that was killed has left running.
 * @throws in CI when a program is missing; elsewhere its tests are skipped, and standard error says why
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const { paths, missing } = await getPrograms();
  if (process.env.CI && missing.length > 0) throw new Error(missing.join("\n"));
  for (const reason of missing) process.stderr.write(`e2e: tests are skipped: ${reason}\n`);
  const runFolder = mkdtempSync(join(tmpdir(), "tacit-e2e-"));
  // A database refuses to run as root, and must still reach its own folder here.
  chmodSync(runFolder, 0o711);
  project.provide("programs", paths);
  project.provide("runFolder", runFolder);
  const clean = (): void => {
    endLeftovers(runFolder);
    rmSync(runFolder, { recursive: true, force: true });
  };
  const onTerminate = (): void => {
    clean();
    process.kill(process.pid, "SIGTERM");
  };
  // The end of a time limit, which no teardown sees: a frozen server would stay for ever.
  process.once("SIGTERM", onTerminate);
  return () => {
    process.off("SIGTERM", onTerminate);
    clean();
  };
}

declare module "vitest" {
  interface ProvidedContext extends Provided {}
}
