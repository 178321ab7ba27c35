import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The one that users are given: notes who did what to which Secret, and asks for no token unseen; never what was in it. */
export const auditPolicyFile: string = join(import.meta.dirname, "../../../examples/src/kubernetes/audit-policy.yaml");

/** One line of the audit file, as far as tests look at it. */
export interface AuditEntry {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly namespace?: string; readonly name?: string; readonly resource?: string };
  readonly responseStatus?: { readonly code: number };
}

/** What an API server has noted so far, oldest first. */
export function readAudit(file: string): readonly AuditEntry[] {
  const lines = readFileSync(file, "utf8").split("\n");
  // The last one may be half written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as AuditEntry);
}
