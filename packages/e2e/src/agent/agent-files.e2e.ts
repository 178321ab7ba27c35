import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { createSecrets, declareSecrets, object, type StrictSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { ServerProcess } from "../cluster/server-process.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createRotationLog } from "../rotation/rotation-log.ts";
import { putCredential } from "../vault/credential-file.ts";
import { startVault, type VaultServer } from "../vault/vault-server.ts";
import { startBaoAgent } from "./bao-agent.ts";
import { type RenderedFiles, startConsulTemplate } from "./consul-template.ts";

const pair = object(["username", "password"]);
const declared = declareSecrets({
  json: { ref: "db.json", as: pair },
  answer: { ref: "answer.json", as: pair },
  lines: { ref: "lines/db", as: pair },
  goMap: { ref: "lines/db-v2", as: pair },
  url: { ref: "jdbc/db-url", as: pair },
  folder: { ref: "files/db", as: pair },
});

/** A template with the secret in `.`. */
const withSecret = (template: string): string => `{{ with secret "secret/data/db" }}${template}{{ end }}`;
/** What the injector renders where nobody says otherwise. */
const lines = (map: string): string => `{{ range $key, $value := ${map} }}{{ $key }}: {{ $value }}\n{{ end }}`;

/** What the Agent of Vault renders with, and the Agent of OpenBao itself. */
const renderers = [
  { renderer: "consul-template", program: "vault", needs: ["vault", "consul-template"] },
  { renderer: "Agent of OpenBao", program: "openbao", needs: ["openbao"] },
] as const;

for (const { renderer, program, needs } of renderers)
  describe.skipIf(!hasPrograms(...needs))(`files that the real ${renderer} renders`, () => {
    let vault: VaultServer;
    let agent: ServerProcess;
    let secrets: StrictSecrets<typeof declared.declarations>;

    beforeAll(async () => {
      vault = await startVault({ program });
      const { administrator } = vault;
      await administrator.mount("secret", "kv", { version: "2" });
      await rotate(1);
      await administrator.allow("agent", { "secret/data/db": ["read"] });
      const token = await administrator.createToken(["agent"]);
      const root = mkdtempSync(join(inject("runFolder"), "agent-"));
      const rendered: RenderedFiles = {
        "db.json": { template: withSecret("{{ .Data.data | toJSON }}") },
        "answer.json": { template: withSecret("{{ .Data | toJSON }}") },
        "lines/db": { template: withSecret(lines(".Data.data")) },
        "lines/db-v2": { template: withSecret(lines(".Data")) },
        "jdbc/db-url": {
          template: withSecret(
            "jdbc:postgresql://db/app?user={{ .Data.data.username }}&password={{ .Data.data.password }}",
          ),
        },
        "files/db/username": { template: withSecret("{{ .Data.data.username }}") },
        "files/db/password": { template: withSecret("{{ .Data.data.password }}"), mode: "0600" },
      };
      agent =
        program === "vault"
          ? startConsulTemplate(vault, token, root, rendered)
          : startBaoAgent(vault, { login: loginWith(token), rendered: { folder: root, files: rendered } });
      const agentFiles = { use: "file", root, parse: "vault-agent", keys: ["username", "password"] };
      const config = {
        providers: {
          json: { use: "file", root, parse: "vault-agent" },
          lines: agentFiles,
          jdbc: {
            use: "file",
            root,
            parse: "vault-agent",
            pattern: "jdbc:postgresql://db/app?user={username}&password={password}",
          },
          plain: { use: "file", root },
        },
        routes: [
          { match: "lines/**", to: ["lines"] },
          { match: "jdbc/**", to: ["jdbc"] },
          { match: "files/**", to: ["plain"] },
          { match: "**", to: ["json"] },
        ],
      };
      secrets = createSecrets({ adapters, declare: declared, config });
      await secrets.ready({ missing: "wait", timeout: "30s" });
    });
    afterAll(async () => {
      await secrets?.close();
      await agent?.kill();
      await vault?.close();
    });

    async function rotate(generation: number): Promise<void> {
      await vault.administrator.write("secret/data/db", { data: pairOf(generation) });
    }

    test("are read in each form, and each rotation arrives", async () => {
      const aliases = ["json", "answer", "lines", "goMap", "url", "folder"] as const;
      for (const alias of aliases) expect(secrets.latest(alias).reveal(), alias).toEqual(pairOf(1));
      const logs = aliases.map((alias) => createRotationLog(secrets.watch(alias)));
      for (const generation of [2, 3]) {
        await rotate(generation);
        await Promise.all(logs.map((log) => log.until(generation)));
      }
      for (const alias of aliases) expect(secrets.latest(alias).reveal(), alias).toEqual(pairOf(3));
      // Two files of a folder are two renames: between them lies a pair of two ages, which nobody promises to hide.
      for (const { seen } of logs.slice(0, -1)) expect(seen).toEqual([2, 3]);
    });

    test("keep their value while their Vault is sealed, and go on after that", async () => {
      const log = createRotationLog(secrets.watch("json"));
      await vault.seal();
      expect((await secrets.watch("json").refresh()).reveal()).toEqual(pairOf(3));
      await vault.unseal();
      await rotate(4);
      await log.until(4);
      expect(log.seen).toEqual([4]);
    });
  });

/** An Agent that is given a token logs in with it as with any credential. */
function loginWith(token: string) {
  return { type: "token_file", config: { token_file_path: putCredential("token", token) } };
}
