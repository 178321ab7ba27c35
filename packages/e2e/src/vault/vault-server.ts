import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { programPath } from "../programs/provided.ts";
import { runVault, type VaultServer, type VaultServerOptions } from "./run-vault.ts";

export type { VaultServer, VaultServerOptions } from "./run-vault.ts";

/** Starts one for a test, as `runVault` does, in the folder of this run. */
export function startVault(options: VaultServerOptions = {}): Promise<VaultServer> {
  const { program = "vault" } = options;
  return runVault(programPath(program), mkdtempSync(join(inject("runFolder"), `${program}-`)), options);
}
