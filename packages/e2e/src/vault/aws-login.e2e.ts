import { declareSecrets } from "@tacit/core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { hasPrograms } from "../programs/provided.ts";
import { type AccessKey, type Sts, startSts } from "../sts/sts.ts";
import { startService } from "./service.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const declared = declareSecrets({ password: { ref: "db#password" } });
const value = "s3cret-fixture-login";

describe.skipIf(!hasPrograms("vault", "ministack"))("a service with an identity of AWS", () => {
  let vault: VaultServer;
  let sts: Sts;

  beforeAll(async () => {
    [vault, sts] = await Promise.all([startVault(), startSts()]);
    const { administrator } = vault;
    await administrator.mount("secret", "kv", { version: "2" });
    await administrator.write("secret/data/db", { data: { password: value } });
    await administrator.allow("reader", { "secret/data/db": ["read"] });
    await administrator.enableLogin("aws", "aws");
    await administrator.write("auth/aws/config/client", {
      sts_endpoint: sts.url,
      sts_region: sts.region,
      iam_endpoint: sts.url,
      iam_server_id_header_value: "vault.example",
    });
  });
  afterEach(() => void vi.unstubAllEnvs());
  afterAll(async () => {
    await vault?.close();
    await sts?.close();
  });

  /** Makes a user, and a role of the same name that is bound to it. */
  async function createUser(name: string): Promise<AccessKey> {
    const { arn, key } = await sts.createUser(name);
    await vault.administrator.write(`auth/aws/role/${name}`, {
      auth_type: "iam",
      bound_iam_principal_arn: [arn],
      resolve_aws_unique_ids: false,
      token_policies: ["reader"],
    });
    return key;
  }

  async function read(key: AccessKey, auth: object): Promise<string> {
    for (const [name, text] of Object.entries(key)) vi.stubEnv(name, text);
    const login = { method: "aws-iam", endpoint: sts.url, region: sts.region, serverId: "vault.example", ...auth };
    await using service = await startService(vault, { declare: declared, provider: { auth: login } });
    return service.secrets.latest("password").reveal();
  }

  const refused = { errors: [{ code: "UNAUTHENTICATED" }] };

  test("logs in as the role of its name, and as one that it names", async () => {
    const key = await createUser("app");
    expect(await read(key, {})).toBe(value);
    expect(await read(key, { role: "app" })).toBe(value);
  });

  test("is refused for a signature by another key, for another Vault, and as another's role", async () => {
    const key = await createUser("honest");
    const forged = { ...key, AWS_SECRET_ACCESS_KEY: "s3cret-fixture-of-nobody" };
    await expect(read(forged, { role: "honest" })).rejects.toMatchObject(refused);
    await expect(read(key, { role: "honest", serverId: "other.example" })).rejects.toMatchObject(refused);
    const other = await createUser("other");
    await expect(read(other, { role: "honest" })).rejects.toMatchObject(refused);
  });
});
