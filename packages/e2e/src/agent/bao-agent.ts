import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";
import { programPath } from "../programs/provided.ts";
import type { VaultServer } from "../vault/vault-server.ts";
import { type RenderedFiles, toTemplates } from "./consul-template.ts";

/** How the Agent of OpenBao logs in, and what it does then. */
export interface BaoAgentOptions {
  /** As its `auto_auth` has it. */
  readonly login: { readonly type: string; readonly mount_path?: string; readonly config: object };
  /** File that gets each token. */
  readonly sink?: string;
  /** Host and port where it adds its token to what it is asked; callers must send the header `X-Vault-Request`. */
  readonly listen?: string;
  /** What it renders below a folder. */
  readonly rendered?: { readonly folder: string; readonly files: RenderedFiles };
}

/** Starts one; it looks at static secrets and at a login that was refused every second or two. The caller ends it. */
export function startBaoAgent(vault: VaultServer, options: BaoAgentOptions): ServerProcess {
  const { login, sink, listen, rendered } = options;
  const folder = mkdtempSync(join(inject("runFolder"), "bao-agent-"));
  const configuration = {
    vault: { address: vault.url },
    auto_auth: {
      method: [{ ...login, min_backoff: "1s", max_backoff: "2s" }],
      ...(sink === undefined ? {} : { sinks: [{ sink: { type: "file", config: { path: sink } } }] }),
    },
    ...(listen === undefined
      ? {}
      : {
          api_proxy: { use_auto_auth_token: true },
          listener: { tcp: { address: listen, tls_disable: true, require_request_header: true } },
        }),
    ...(rendered === undefined
      ? {}
      : {
          template: toTemplates(rendered.folder, rendered.files),
          template_config: { static_secret_render_interval: "1s" },
        }),
    log_level: "warn",
  };
  const file = join(folder, "configuration.json");
  writeFileSync(file, JSON.stringify(configuration), { mode: 0o600 });
  return startServer(programPath("openbao"), ["agent", `-config=${file}`], folder);
}
