import { putCredential } from "./credential-file.ts";
import type { TokenOptions } from "./vault-administrator.ts";
import type { VaultServer } from "./vault-server.ts";

/** An application's role, and the files that hold what it logs in with. */
export interface AppRole {
  /** As a config document has it. */
  readonly auth: Readonly<Record<string, unknown>>;
  /** Every secret id so far. */
  readonly secretIds: readonly string[];
  /** Ends every token of the role, as an operator does who suspects them. */
  revokeTokens(): Promise<void>;
  /** Makes every secret id so far worthless. */
  destroySecretIds(): Promise<void>;
  /** Puts a new secret id into the file. */
  renewSecretId(): Promise<void>;
}

/** How the tokens of a role live, and where it is. */
export interface AppRoleOptions extends TokenOptions {
  /** Below `auth/`; mounted by its first role. Default `approle`. */
  readonly mount?: string;
}

/** Makes a role; its tokens live for an hour unless told otherwise. */
export async function createAppRole(
  { administrator }: VaultServer,
  name: string,
  policies: readonly string[],
  { mount = "approle", ttl = "1h", explicitMaxTtl, period, uses, type }: AppRoleOptions = {},
): Promise<AppRole> {
  const { data: mounts } = await administrator.read("sys/auth");
  if (!Object.hasOwn(mounts ?? {}, `${mount}/`)) await administrator.enableLogin(mount, "approle");
  const role = `auth/${mount}/role/${name}`;
  await administrator.write(role, {
    token_policies: policies,
    token_ttl: ttl,
    token_explicit_max_ttl: explicitMaxTtl,
    token_period: period,
    token_num_uses: uses,
    token_type: type,
  });
  const { data } = await administrator.read(`${role}/role-id`);
  const roleIdFile = putCredential("role-id", String(data?.role_id));
  const secretIdFile = putCredential("secret-id", "");
  const secretIds: string[] = [];
  const renewSecretId = async (): Promise<void> => {
    const answer = await administrator.write(`${role}/secret-id`, {});
    const secretId = String(answer.data?.secret_id);
    secretIds.push(secretId);
    putCredential("secret-id", secretId, secretIdFile);
  };
  await renewSecretId();
  return {
    auth: { method: "approle", mount, roleId: { $file: roleIdFile }, secretId: { $file: secretIdFile } },
    secretIds,
    async revokeTokens() {
      await administrator.write(`sys/leases/revoke-prefix/auth/${mount}/login`, { sync: true });
    },
    async destroySecretIds() {
      for (const secret_id of secretIds) await administrator.write(`${role}/secret-id/destroy`, { secret_id });
    },
    renewSecretId,
  };
}
