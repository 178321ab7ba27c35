import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { endLeftovers } from "../cluster/server-process.ts";
import { buildProgram, hasGo } from "./build-program.ts";
import { findProgram } from "./find-program.ts";
import { type ProgramName, programs } from "./programs.ts";

/** What this setup hands to the tests. */
export interface Provided {
  /** Paths of the programs that there are. */
  readonly programs: Readonly<Partial<Record<ProgramName, string>>>;
  /** A folder of this run, for whatever servers write. */
  readonly runFolder: string;
}

/**
 * Finds or builds every program before the first test, and afterwards ends what a test that was killed has left running.
 * @throws in CI when a program is missing; elsewhere its tests are skipped, and standard error says why
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const paths: Partial<Record<ProgramName, string>> = {};
  for (const program of programs) {
    const path = findProgram(program) ?? (hasGo() ? await buildProgram(program) : undefined);
    if (path !== undefined) paths[program.name] = path;
    else missing(`no ${program.name}, and no Go to build it: install Go 1.25 or later, or set ${program.variable}`);
  }
  const runFolder = mkdtempSync(join(tmpdir(), "tacit-e2e-"));
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

function missing(reason: string): void {
  if (process.env.CI) throw new Error(reason);
  process.stderr.write(`e2e: tests are skipped: ${reason}\n`);
}

declare module "vitest" {
  interface ProvidedContext extends Provided {}
}
