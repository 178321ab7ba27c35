import { describe, type TestOptions } from "vitest";
import type { ProgramName } from "../programs/programs.ts";
import { hasPrograms } from "../programs/provided.ts";
import { type VaultProgram, vaultPrograms } from "./vault-program.ts";

/** What a suite needs beside its server, and how its tests run. */
export interface SuiteOptions {
  readonly needs?: readonly ProgramName[];
  readonly concurrent?: boolean;
}

/** Defines a suite once for each server that speaks Vault's API; a server that is not here skips its own. */
export function describeEachVault(
  title: string,
  { needs = [], concurrent = false }: SuiteOptions,
  suite: (program: VaultProgram) => void,
): void {
  for (const { program, title: server } of vaultPrograms) {
    const options: TestOptions = { concurrent };
    describe.skipIf(!hasPrograms(program, ...needs))(`${server}: ${title}`, options, () => suite(program));
  }
}
