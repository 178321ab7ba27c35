import type { Declarations, OpenSecrets } from "@tacit/core";
import type { Clock } from "@tacit/core/provider";
import type { client as NodeVault } from "node-vault";
import type { Application } from "../vault/application.ts";

/** What node-vault answers to a read of KV version 2. */
export interface KvResponse {
  readonly data: { readonly data: { readonly value: string } };
}

/** What a Tacit client of a Vault may differ in. */
export interface TacitVaultOptions {
  readonly declare?: Declarations;
  readonly pollInterval?: string;
  readonly clock?: Clock;
  /** The common name of certificates; `db` is one that the application's authority leases. */
  readonly lentName?: string;
}

/** Opens a client of the built packages, not yet logged in, without a wait for its secrets. The caller closes it. */
export async function tacitClient(
  url: string,
  { name, mount, login, authority, roleId, secretId }: Application,
  { declare = {}, pollInterval, clock, lentName }: TacitVaultOptions = {},
): Promise<OpenSecrets<Declarations>> {
  const { createSecrets, declareSecrets } = await import("@tacit/core");
  const { adapters } = await import("@tacit/providers");
  const variables = { roleId: `BENCH_ROLE_ID_${name}`, secretId: `BENCH_SECRET_ID_${name}` };
  process.env[variables.roleId] = roleId;
  process.env[variables.secretId] = secretId;
  const auth = {
    method: "approle",
    mount: login,
    roleId: { $env: variables.roleId },
    secretId: { $env: variables.secretId },
  };
  const provider = {
    use: "vault",
    url,
    mount,
    engine: "kv-v2",
    auth,
    ...(pollInterval === undefined ? {} : { pollInterval }),
    ...(lentName === undefined
      ? {}
      : { mounts: { [authority]: { engine: "pki", issue: { app: { commonName: lentName } } } } }),
  };
  return createSecrets({
    adapters,
    config: {
      providers: { vault: provider },
      routes: [{ match: "**", to: ["vault"] }],
      bindings: lentName === undefined ? {} : { db: { provider: "vault", path: `${authority}/issue/app` } },
    },
    declare: declareSecrets(declare),
    strict: false,
    ...(clock === undefined ? {} : { clock }),
  });
}

/** Logs a client of node-vault in, as its documentation shows. */
export async function nodeVaultClient(url: string, application: Application): Promise<NodeVault> {
  const { default: nodeVault } = await import("node-vault");
  const client = nodeVault({ endpoint: url });
  await logIn(client, application);
  return client;
}

/** The token of a login, for who has no client. */
export async function tokenOf(url: string, application: Application): Promise<string> {
  return (await nodeVaultClient(url, application)).token;
}

/** Reads the field of a secret. */
export async function nodeVaultRead(client: NodeVault, { mount }: Application, name: string): Promise<string> {
  return ((await client.read(`${mount}/data/${name}`)) as KvResponse).data.data.value;
}

/** The wrapper that services put around it: what is refused with 403 is tried once more after another login. */
export async function nodeVaultReadOrLogIn(client: NodeVault, application: Application, name: string): Promise<string> {
  try {
    return await nodeVaultRead(client, application, name);
  } catch (error) {
    if ((error as { response?: { statusCode?: number } }).response?.statusCode !== 403) throw error;
    await logIn(client, application);
    return await nodeVaultRead(client, application, name);
  }
}

async function logIn(client: NodeVault, { login, roleId, secretId }: Application): Promise<void> {
  // The client takes the token of the answer for its own.
  await client.approleLogin({ mount_point: login, role_id: roleId, secret_id: secretId });
}
