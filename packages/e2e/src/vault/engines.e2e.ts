import { openAdapter } from "@tacit/core/conformance";
import type { Provider, ProviderResult, VersionSelector } from "@tacit/core/provider";
import { adapters } from "@tacit/providers";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres/postgres.ts";
import { createAuthority } from "./certificate-authority.ts";
import { putCredential } from "./credential-file.ts";
import { describeEachVault } from "./each-vault.ts";
import { mountDatabase } from "./vault-database.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const value = "s3cret-fixture-engine";

describeEachVault("a provider reads of a real server", { needs: ["postgres"] }, (program) => {
  let vault: VaultServer;
  let postgres: Postgres;
  let token: string;
  let provider: Provider | undefined;

  beforeAll(async () => {
    [vault, postgres] = await Promise.all([startVault({ program }), startPostgres()]);
    const { administrator } = vault;
    await administrator.mount("secret", "kv", { version: "2" });
    await administrator.mount("old", "kv", { version: "1" });
    await administrator.mount("transit", "transit");
    await createAuthority(vault);
    await mountDatabase(vault, postgres);
    const everything = ["secret/*", "old/*", "transit/*", "pki/*", "database/*"].map((path) => [
      path,
      ["read", "update"],
    ]);
    await administrator.allow("everything", Object.fromEntries(everything));
    token = await administrator.createToken(["everything"]);
  });
  afterEach(() => provider?.close?.());
  afterAll(async () => {
    await vault?.close();
    await postgres?.close();
  });

  async function open(options: object = {}): Promise<void> {
    const auth = { method: "token-file", file: putCredential("token", token) };
    provider = await openAdapter(await adapters.vault(), { url: vault.url, auth, ...options });
  }

  async function get(path: string, version: VersionSelector = "current"): Promise<ProviderResult> {
    if (provider === undefined) throw new Error("no provider is open");
    return await provider.get({ path, version }, { signal: AbortSignal.timeout(10_000) });
  }

  const gone = { status: "not-found", definitive: true };

  test("KV version 2: versions, what was deleted, destroyed and brought back, and what ends by itself", async () => {
    const { administrator } = vault;
    await open({ labels: ["owner"] });
    for (const generation of [1, 2, 3]) await administrator.write("secret/data/db", { data: { generation } });
    await administrator.write("secret/metadata/db", { custom_metadata: { owner: "billing", note: value } });
    const current = await get("db");
    expect(fieldsOf(current)).toEqual({ generation: "3" });
    expect(current).toMatchObject({ createdAt: expect.any(Date), labels: { owner: "billing" } });
    expect(fieldsOf(await get("db", "previous"))).toEqual({ generation: "2" });
    expect(fieldsOf(await get("db", { id: "1" }))).toEqual({ generation: "1" });
    await administrator.write("secret/destroy/db", { versions: [2] });
    expect(fieldsOf(await get("db", "previous"))).toEqual({ generation: "1" });
    expect(await get("db", { id: "2" })).toEqual(gone);
    await administrator.remove("secret/data/db");
    expect(await get("db")).toEqual(gone);
    await administrator.write("secret/undelete/db", { versions: [3] });
    expect(fieldsOf(await get("db"))).toEqual({ generation: "3" });
    await administrator.write("secret/metadata/ending", { delete_version_after: "1h" });
    await administrator.write("secret/data/ending", { data: { generation: 1 } });
    const { expiresAt } = (await get("ending")) as { readonly expiresAt?: Date };
    expect(Math.abs((expiresAt?.getTime() ?? 0) - Date.now() - 3_600_000)).toBeLessThan(10_000);
    expect(await get("never-there")).toEqual(gone);
  });

  test("KV version 1, which it recognises, and numbers as they were written", async () => {
    await vault.administrator.write("old/db", '{"password":"s3cret-fixture-engine","id":12345678901234567890}');
    await open({ mount: "old" });
    expect(fieldsOf(await get("db"))).toEqual({ password: value, id: "12345678901234567890" });
    await expect(get("db", "previous")).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  test("transit: what the document holds encrypted, for as long as the key may be used", async () => {
    const { administrator } = vault;
    await administrator.write("transit/keys/billing", {});
    await administrator.write("transit/keys/other", {});
    const plaintext = Buffer.from(value).toString("base64");
    const { data } = await administrator.write("transit/encrypt/billing", { plaintext });
    const ciphertext = String(data?.ciphertext);
    const ciphertexts = {
      billing: { key: "billing", ciphertext },
      absent: { key: "absent", ciphertext },
      foreign: { key: "other", ciphertext },
    };
    await open({ mounts: { transit: { engine: "transit", ciphertexts } } });
    expect(fieldsOf(await get("transit/billing"))).toEqual({ "": value });
    const invalid = (reason: string) => ({ code: "INVALID_VALUE", reason });
    await expect(get("transit/absent")).rejects.toMatchObject(invalid("transit-key"));
    await expect(get("transit/foreign")).rejects.toMatchObject(invalid("transit-ciphertext"));
    await administrator.write("transit/keys/billing/rotate", {});
    expect(fieldsOf(await get("transit/billing"))).toEqual({ "": value });
    await administrator.write("transit/keys/billing/config", { min_decryption_version: 2 });
    await expect(get("transit/billing")).rejects.toMatchObject(invalid("transit-version"));
  });

  test("a wrapped response, once, and only of the path that was agreed", async () => {
    const { administrator } = vault;
    await administrator.write("secret/data/handed", { data: { password: value } });
    const wrap = async (path: string): Promise<{ $file: string }> => {
      const request = { method: "GET", path, token: administrator.token, wrapTtl: "60s" } as const;
      return { $file: putCredential("wrapped", (await vault.ask(request)).body.wrap_info?.token ?? "") };
    };
    const agreed = { engine: "kv-v2", creationPath: "secret/data/handed" };
    const handed = { name: "handed", token: await wrap("secret/data/handed"), ...agreed };
    const forged = { name: "forged", token: await wrap("secret/data/db"), ...agreed };
    await open({ wrapped: [handed, forged] });
    expect(fieldsOf(await get("wrapped/handed"))).toEqual({ password: value });
    await expect(get("wrapped/handed")).rejects.toMatchObject({ reason: "wrapping-token-used" });
    await expect(get("wrapped/forged")).rejects.toMatchObject({ reason: "wrapping-path" });
    await provider?.close?.();
    await open({ wrapped: [handed] });
    await expect(get("wrapped/handed")).rejects.toMatchObject({ reason: "wrapping-token-spent" });
  });

  test("the cubbyhole of its token, and any engine by its path", async () => {
    const body = { password: value };
    await vault.ask({ method: "POST", path: "cubbyhole/app", token, body });
    await open({ mounts: { cubbyhole: { engine: "cubbyhole" }, pki: { engine: "generic", dynamic: false } } });
    expect(fieldsOf(await get("cubbyhole/app"))).toEqual(body);
    expect(await get("cubbyhole/absent")).toEqual({ status: "not-found", definitive: false });
    expect(fieldsOf(await get("pki/cert/ca"))).toMatchObject({ certificate: expect.stringContaining("CERTIFICATE") });
  });

  test("nothing of a role that does not exist, and says so", async () => {
    const issue = { absent: { commonName: "localhost" } };
    await open({ mounts: { database: { engine: "database" }, pki: { engine: "pki", issue } } });
    for (const path of ["database/creds/absent", "database/static-creds/absent", "pki/issue/absent"])
      expect(await get(path), path).toEqual(gone);
  });

  test("that its engine cannot reach the database as an outage, and as none of its own", async () => {
    const { administrator } = vault;
    await administrator.write("database/config/nowhere", {
      plugin_name: "postgresql-database-plugin",
      allowed_roles: "*",
      connection_url: "postgresql://{{username}}:{{password}}@127.0.0.1:1/postgres?sslmode=disable",
      username: "nobody",
      password: value,
      verify_connection: false,
    });
    await administrator.write("database/roles/nowhere", { db_name: "nowhere", creation_statements: ["SELECT 1"] });
    await open({ mounts: { database: { engine: "database" } } });
    const failure = await get("database/creds/nowhere").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "UNAVAILABLE" });
    expect(String(failure)).not.toContain(value);
  });
});

/** As text; a single value is the field without a name. */
function fieldsOf(result: ProviderResult): Readonly<Record<string, string>> {
  if (result.status !== "ok") throw new Error(`was answered ${result.status}`);
  const { payload } = result;
  const fields = payload.kind === "value" ? [["", payload.bytes] as const] : [...payload.fields];
  return Object.fromEntries(fields.map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}
