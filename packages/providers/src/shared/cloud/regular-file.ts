import { statSync } from "node:fs";
import { SecretError } from "@tacit/core/provider";

/**
 * Refuses a FIFO, a device or a directory as the file in a variable that an SDK reads: it would wait for its end, some with the whole process.
 * @throws {SecretError} UNAUTHENTICATED `cloud-identity`
 */
export function assertRegularFile(variable: string, file: string | undefined): void {
  // What is missing or closed is the SDK's to tell.
  if (!file || statOf(file)?.isFile() !== false) return;
  throw new SecretError("UNAUTHENTICATED", `${variable} refers to something other than a regular file`, {
    reason: "cloud-identity",
    tip: "Set it to the path of a regular file; a FIFO is never read.",
  });
}

function statOf(file: string) {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}
