import { openAdapter } from "@tacit/core/conformance";
import type { ProviderResult } from "@tacit/core/provider";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPrograms } from "../programs/provided.ts";
import { createAppRole } from "./app-role.ts";
import { putCredential } from "./credential-file.ts";
import { describeEachVault } from "./each-vault.ts";
import { createVaultAdministrator } from "./vault-administrator.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const value = "s3cret-fixture-name";
const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

async function read(vault: VaultServer, path: string, options: object): Promise<ProviderResult> {
  const provider = await openAdapter(await adapters.vault(), { url: vault.url, ...options });
  try {
    return await provider.get({ path, version: "current" }, { signal: AbortSignal.timeout(10_000) });
  } finally {
    await provider.close?.();
  }
}

describeEachVault("a name of a real server", {}, (program) => {
  let vault: VaultServer;

  beforeAll(async () => {
    vault = await startVault({ program });
    await vault.administrator.mount("secret", "kv", { version: "2" });
    await vault.administrator.allow("reader", { "secret/*": ["read"], "team/*": ["read"] });
  });
  afterAll(() => vault?.close());

  const asReader = async (): Promise<object> => {
    const token = await vault.administrator.createToken(["reader"]);
    return { auth: { method: "token-file", file: putCredential("token", token) } };
  };

  test.each(["a b", "a+b", "a?b", "a#b", "a&b=c", "a:b", "a@b", "a,b;c", "a*b", "é/密", "~a/(b)'c'!", '"a"'])(
    "of a secret may be %s",
    async (path) => {
      await vault.administrator.write(`secret/data/${encoded(path)}`, { data: { path } });
      const result = await read(vault, path, await asReader());
      expect(result).toMatchObject({ status: "ok" });
      if (result.status !== "ok" || result.payload.kind !== "fields") throw new Error("are no fields");
      expect(Buffer.from(result.payload.fields.get("path") ?? []).toString()).toBe(path);
    },
  );

  test.each(["a%b", "a\\b", "a./b", "a/b."])(
    "that it does not hold, as %s, is refused before it is asked",
    async (path) => {
      await expect(read(vault, path, await asReader())).rejects.toMatchObject({ code: "INVALID_NAME" });
    },
  );

  test.each([
    "it/approle",
    "ci:prod",
    "k/arn:aws:eks:eu-west-1:111122223333:cluster/prod",
    "jwt@corp",
    "app role",
    "a+b",
    "jwt/équipe",
  ])("of a login's mount may be %s", async (mount) => {
    await vault.administrator.write("secret/data/db", { data: { password: value } });
    const { auth } = await createAppRole(vault, "app", ["reader"], { mount: encoded(mount) });
    expect(await read(vault, "db", { auth: { ...auth, mount } })).toMatchObject({ status: "ok" });
  });
});

// Vault has them in its Enterprise edition alone.
describe.skipIf(!hasPrograms("openbao"))("OpenBao: a namespace of a real server", () => {
  let vault: VaultServer;
  let options: object;

  beforeAll(async () => {
    vault = await startVault({ program: "openbao" });
    await vault.administrator.write("sys/namespaces/team", {});
    await vault.administrator.write("team/sys/namespaces/kv", {});
    options = await prepare("team/kv");
  });
  afterAll(() => vault?.close());

  /** Works in the namespace by the paths of its root. */
  async function prepare(namespace: string): Promise<object> {
    const within = createVaultAdministrator(
      (request) => vault.ask({ ...request, path: `${namespace}/${request.path}` }),
      vault.administrator.token,
    );
    // A mount that is called as the namespace around it.
    await within.mount("kv", "kv", { version: "2" });
    await within.write("kv/data/shop/db", { data: { password: value } });
    await within.allow("reader", { "kv/data/shop/*": ["read"] });
    const token = await within.createToken(["reader"]);
    return { auth: { method: "token-file", file: putCredential("token", token) }, mount: "kv" };
  }

  test("is asked as it is written, with slashes around it or none, also where its mount is called alike", async () => {
    for (const namespace of ["team/kv", "team/kv/", "/team/kv", "/team/kv/"]) {
      const result = await read(vault, "shop/db", { ...options, namespace });
      expect(result, namespace).toMatchObject({ status: "ok" });
    }
    expect(await read(vault, "db", { ...options, mount: "kv/shop", namespace: "team/kv" })).toMatchObject({
      status: "ok",
    });
  });

  test("that is forgotten is named by the tip", async () => {
    await expect(read(vault, "shop/db", options)).rejects.toMatchObject({
      tip: expect.stringContaining("`namespace`"),
    });
  });
});
