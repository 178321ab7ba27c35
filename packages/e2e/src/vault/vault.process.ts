import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../programs/find-program.ts";
import { programs } from "../programs/programs.ts";
import { runVault, type VaultServer } from "./run-vault.ts";

/**
 * A Vault with file storage as a program, for the benches, which may not import this package. The parent sends orders over
 * IPC and gets one answer for each; the first answer comes unasked. It ends its server when the parent goes away.
 */
export type VaultOrder = "pause" | "resume" | "kill" | "start" | "seal" | "unseal";

/** What the parent is told. `start` has unsealed it as well when it is done. */
export type VaultAnswer =
  | { readonly kind: "ready"; readonly url: string; readonly rootToken: string; readonly auditFile: string }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed" };

const folder = mkdtempSync(join(tmpdir(), "tacit-vault-"));
let vault: VaultServer | undefined;

/** Nothing is built here: that takes minutes, and belongs to a run of the tests. */
async function open(): Promise<VaultAnswer> {
  const program = programs.find(({ name }) => name === "vault");
  const path = program === undefined ? undefined : findProgram(program);
  if (path === undefined) return { kind: "absent", reason: "no vault is built: run `pnpm servers` once" };
  vault = await runVault(path, folder, { storage: "file" });
  return { kind: "ready", url: vault.url, rootToken: vault.administrator.token, auditFile: vault.audit.file };
}

async function carryOut(order: VaultOrder, server: VaultServer): Promise<void> {
  if (order === "pause") await server.process.pause();
  else if (order === "resume") server.process.resume();
  else if (order === "kill") await server.process.kill();
  else if (order === "seal") await server.seal();
  else {
    if (order === "start") await server.start();
    await server.unseal();
  }
}

async function close(): Promise<void> {
  await vault?.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Orders are carried out one after the other. */
let queue = answering(open);

function answering(work: () => Promise<VaultAnswer>): Promise<void> {
  return work()
    .catch((): VaultAnswer => ({ kind: "failed" }))
    .then((answer) => void (process.connected && process.send?.(answer)));
}

process.on("message", (order: VaultOrder) => {
  queue = queue.then(() =>
    answering(async () => {
      if (vault === undefined) return { kind: "failed" };
      await carryOut(order, vault);
      return { kind: "done" };
    }),
  );
});
process.once("disconnect", () => void queue.then(close).then(() => process.exit()));
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void close().then(() => process.exit(1)));
