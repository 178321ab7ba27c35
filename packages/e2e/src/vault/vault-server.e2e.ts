import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPostgres } from "../postgres/postgres.ts";
import { hasPrograms } from "../programs/provided.ts";
import { describeEachVault } from "./each-vault.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

describeEachVault("the real server", {}, (program) => {
  let vault: VaultServer;
  const read = (path: string, token: string) => vault.ask({ method: "GET", path, token });

  beforeAll(async () => {
    vault = await startVault({ program, storage: "file" });
    await vault.administrator.mount("secret", "kv", { version: "2" });
    await vault.administrator.write("secret/data/db", { data: { password: "s3cret-fixture" } });
  });
  afterAll(() => vault?.close());

  test("gives a token what its policy names, and nothing else", async () => {
    const { administrator } = vault;
    await administrator.allow("reader", { "secret/data/db": ["read"] });
    const token = await administrator.createToken(["reader"]);
    expect((await read("secret/data/db", token)).body.data).toMatchObject({ data: { password: "s3cret-fixture" } });
    expect((await read("secret/data/other", token)).status).toBe(403);
    expect((await read("secret/data/db", "no-such-token")).status).toBe(403);
  });

  test("notes each call once, and nothing of what was in it", async () => {
    const { administrator, audit } = vault;
    audit.reset();
    await read("secret/data/db", administrator.token);
    await read("secret/data/db", administrator.token);
    expect(audit.count(/^secret\/data\/db$/)).toBe(2);
    const everything = JSON.stringify(audit.requests());
    expect(everything).not.toContain("s3cret-fixture");
    expect(everything).not.toContain(administrator.token);
  });

  test("answers 503 while it is sealed, and serves again once it is not", async () => {
    const { administrator } = vault;
    await vault.seal();
    expect((await read("secret/data/db", administrator.token)).status).toBe(503);
    await vault.unseal();
    expect((await read("secret/data/db", administrator.token)).status).toBe(200);
  });

  test("is sealed when it is killed and started again, and keeps its data, tokens and audit device", async () => {
    const { administrator, audit } = vault;
    await vault.process.kill();
    await expect(read("secret/data/db", administrator.token)).rejects.toThrow();
    await vault.start();
    expect((await read("secret/data/db", administrator.token)).status).toBe(503);
    await vault.unseal();
    audit.reset();
    expect((await read("secret/data/db", administrator.token)).status).toBe(200);
    expect(audit.count(/^secret\/data\/db$/)).toBe(1);
  });
});

describe.skipIf(!hasPrograms("postgres"))("the real PostgreSQL", () => {
  test("answers its administrator alone, and ends with its connections open", async () => {
    await using postgres = await startPostgres();
    expect(await postgres.query("SELECT current_user AS name")).toEqual([{ name: postgres.administrator.user }]);
    expect(await postgres.query("SHOW listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  });
});
