import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Absence, orAbsent } from "../bench.ts";
import { openProgram } from "../measure/server-program.ts";
import { Administrator } from "./administrator.ts";

/** A real Vault with file storage, in a process of its own, and somebody who sets it up. */
export interface BenchVault extends AsyncDisposable {
  readonly url: string;
  readonly administrator: Administrator;
  /** Pauses, resumes, kills, starts (and unseals), seals or unseals it; resolves when it is done. */
  order(order: "pause" | "resume" | "kill" | "start" | "seal" | "unseal"): Promise<void>;
  /** How many requests for such paths its audit device has noted since the start. */
  requests(path: RegExp): number;
}

interface Ready {
  readonly url: string;
  readonly rootToken: string;
  readonly auditFile: string;
}

interface AuditEntry {
  readonly type: "request" | "response";
  readonly request: { readonly path: string };
}

const program = fileURLToPath(new URL("../../../e2e/src/vault/vault.process.ts", import.meta.url));

/** Opens one; where this machine has none, the reason is noted and nothing returned. */
export function openBenchVault(absent: Absence[]): Promise<BenchVault | undefined> {
  return orAbsent("Vault", absent, async () => {
    const { ready, order, [Symbol.asyncDispose]: end } = await openProgram<Ready>(program, "Vault");
    const { url, rootToken, auditFile } = ready;
    return {
      url,
      administrator: new Administrator(url, rootToken),
      order,
      requests(path) {
        // The last line may be half written.
        const lines = readFileSync(auditFile, "utf8").split("\n").slice(0, -1);
        const entries = lines.map((line) => JSON.parse(line) as AuditEntry);
        return entries.filter(({ type, request }) => type === "request" && path.test(request.path)).length;
      },
      [Symbol.asyncDispose]: end,
    };
  });
}
