import { type ConformanceHarness, openAdapter, type Undo } from "@tacit/core/conformance";
import type { SecretPayload } from "@tacit/core/provider";
import { adapters } from "@tacit/providers";
import { type Postgres, startPostgres } from "../postgres/postgres.ts";
import { createAppRole } from "./app-role.ts";
import { mountDatabase } from "./vault-database.ts";
import type { VaultProgram } from "./vault-program.ts";
import { startVault } from "./vault-server.ts";

/** Where a version of KV lies, and how it is written. */
interface Store {
  readonly engine: "kv-v1" | "kv-v2";
  readonly mount: string;
  /** Path of the API for the secret of a path. */
  readonly at: (path: string) => string;
  readonly body: (fields: string) => string;
}

const stores: Readonly<Record<"1" | "2", Store>> = {
  1: { engine: "kv-v1", mount: "team/kv", at: (path) => `team/kv/${path}`, body: (fields) => fields },
  2: { engine: "kv-v2", mount: "secret", at: (path) => `secret/data/${path}`, body: (fields) => `{"data":${fields}}` },
};

/** Lets the conformance cases loose on a server of its own, which they freeze, kill and unseal again, and on its database. */
export async function vaultHarness(version: "1" | "2", program: VaultProgram): Promise<ConformanceHarness> {
  const { engine, mount, at, body } = stores[version];
  const vault = await startVault({ program, storage: "file" });
  const postgres: Postgres = await startPostgres();
  const { administrator, audit } = vault;
  const adapter = await adapters.vault();
  await administrator.mount(mount, "kv", { version });
  const database = await mountDatabase(vault, postgres);
  const everything = { [at("*")]: ["read"], "database/creds/*": ["read"], "sys/leases/revoke": ["update"] };
  await administrator.allow("reader", everything);
  const role = await createAppRole(vault, "reader", ["reader"]);
  // The engine is named for one version and detected for the other, so that both ways are taken.
  const options = (): Record<string, unknown> => ({
    url: vault.url,
    mount,
    ...(version === "1" ? { engine } : {}),
    mounts: { database: { engine: "database" } },
    auth: role.auth,
  });
  return {
    adapter,
    options,
    open: (o) => openAdapter(adapter, { ...options(), ...o?.options }, o?.host),
    path: (label) => `conformance/${label}`,
    async put(path, payload) {
      await administrator.write(at(path), body(toJson(payload)));
    },
    remove: (path) => administrator.remove(at(path)),
    async deny(path): Promise<Undo> {
      await administrator.allow("reader", { ...everything, [at(path)]: ["deny"] });
      return () => administrator.allow("reader", everything);
    },
    async sever(): Promise<Undo> {
      await vault.process.kill();
      return async () => {
        await vault.start();
        await vault.unseal();
      };
    },
    async stall(): Promise<Undo> {
      await vault.process.pause();
      return async () => vault.process.resume();
    },
    async expireLogin(o): Promise<Undo> {
      if (o?.refuse === true) await role.destroySecretIds();
      await role.revokeTokens();
      return () => role.renewSecretId();
    },
    async throttle(retryAfterMs): Promise<Undo> {
      const quota = "sys/quotas/rate-limit/conformance";
      await administrator.write("sys/quotas/config", { enable_rate_limit_response_headers: true });
      await administrator.write(quota, { path: `${mount}/`, rate: 1, interval: retryAfterMs / 1000 });
      const spend = () => vault.ask({ method: "GET", path: at("absent"), token: administrator.token });
      while ((await spend()).status !== 429);
      return () => administrator.remove(quota);
    },
    async leasePath(label) {
      await database.createRole(label, { ttl: "1m" });
      return `database/creds/${label}`;
    },
    async expireLease({ id }) {
      await administrator.write("sys/leases/revoke", { lease_id: id, sync: true });
    },
    reads: () => audit.count(new RegExp(`^${mount}/`)),
    credentials: () => role.secretIds,
    acceptsBytes: (bytes) => {
      const text = Buffer.from(bytes);
      return text.equals(Buffer.from(text.toString())) || "KV holds JSON, so text";
    },
    async close() {
      await vault.close();
      await postgres.close();
    },
  };
}

/** Any key may stand there, `__proto__` too. */
function toJson(payload: SecretPayload): string {
  if (payload.kind === "value") throw new Error("a secret of Vault is fields");
  const members = [...payload.fields].map(
    ([key, bytes]) => `${JSON.stringify(key)}:${JSON.stringify(Buffer.from(bytes).toString())}`,
  );
  return `{${members.join()}}`;
}
