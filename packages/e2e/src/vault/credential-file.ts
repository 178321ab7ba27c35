import { mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

/** Writes a credential into a new file, or in place of what another one holds, and gives its path. */
export function putCredential(name: string, content: string, file: string = newFile(name)): string {
  writeFileSync(`${file}.next`, content, { mode: 0o600 });
  renameSync(`${file}.next`, file);
  return file;
}

function newFile(name: string): string {
  return join(mkdtempSync(join(inject("runFolder"), "credential-")), name);
}
