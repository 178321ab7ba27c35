import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";
import { programPath } from "../programs/provided.ts";
import type { VaultServer } from "../vault/vault-server.ts";

/** What one file is rendered from. */
export interface RenderedFile {
  readonly template: string;
  /** As a text in octal. Default: what the file has, else 0644. */
  readonly mode?: string;
  /** Keeps the last one as `<name>.bak`; what that was is `<name>.old.bak` meanwhile. */
  readonly backup?: boolean;
}

/** path below the folder that is rendered into -> what is rendered there */
export type RenderedFiles = Readonly<Record<string, RenderedFile>>;

/** Goes on rendering secrets of a Vault that has no other words for "changed" than another look each second. */
export function startConsulTemplate(
  vault: VaultServer,
  token: string,
  output: string,
  files: RenderedFiles,
): ServerProcess {
  const folder = newFolder();
  const settings = { address: vault.url, token, renew_token: false, default_lease_duration: "1s" };
  return startServer(programPath("consul-template"), commandLine(folder, output, files, { vault: settings }), folder);
}

/** Renders once, without any store; resolves when it is done. */
export function renderOnce(output: string, files: RenderedFiles): void {
  const folder = newFolder();
  const flags = [...commandLine(folder, output, files, {}), "-once"];
  execFileSync(programPath("consul-template"), flags, { stdio: ["ignore", "ignore", "pipe"] });
}

function newFolder(): string {
  return mkdtempSync(join(inject("runFolder"), "consul-template-"));
}

function commandLine(folder: string, output: string, files: RenderedFiles, others: object): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "configuration.json");
  const settings = { ...others, template: toTemplates(output, files), log_level: "warn" };
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  return [`-config=${file}`];
}

/** The same words as in the configuration of an Agent. */
export function toTemplates(output: string, files: RenderedFiles): readonly object[] {
  return Object.entries(files).map(([path, { template, mode, backup = false }]) => ({
    contents: template,
    destination: join(output, path),
    create_dest_dirs: true,
    backup,
    ...(mode === undefined ? {} : { perms: mode }),
  }));
}
