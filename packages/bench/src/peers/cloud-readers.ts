import type { OpenSecrets } from "@tacit/core";
import type { StoreDouble } from "../cloud/store-double.ts";
import type { SecretReader } from "../measure/read-costs.ts";

/** An official client: reads one secret, and several as its documentation advises. */
export interface CloudPeer extends SecretReader {
  /** Where the store takes several at once. */
  readMany?(names: readonly string[]): Promise<readonly string[]>;
}

/** For the logins of all contenders; the double verifies what is signed with it. */
export const accessKey = { accessKeyId: "AKIABENCH00000000001", secretAccessKey: "s3cret-fixture-key" };
const aws = { region: "eu-central-1", credentials: accessKey };

export async function awsSecretsManagerPeer({ url }: StoreDouble): Promise<CloudPeer> {
  const { BatchGetSecretValueCommand, GetSecretValueCommand, SecretsManagerClient } = await import(
    "@aws-sdk/client-secrets-manager"
  );
  const client = new SecretsManagerClient({ ...aws, endpoint: url });
  return {
    read: async (name) => (await client.send(new GetSecretValueCommand({ SecretId: name }))).SecretString ?? "",
    async readMany(names) {
      const answer = await client.send(new BatchGetSecretValueCommand({ SecretIdList: [...names] }));
      return (answer.SecretValues ?? []).map(({ SecretString }) => SecretString ?? "");
    },
    close: async () => client.destroy(),
  };
}

export async function awsParameterStorePeer({ url }: StoreDouble): Promise<CloudPeer> {
  const { GetParameterCommand, GetParametersCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  const client = new SSMClient({ ...aws, endpoint: url });
  return {
    async read(name) {
      const { Parameter } = await client.send(new GetParameterCommand({ Name: `/${name}`, WithDecryption: true }));
      return Parameter?.Value ?? "";
    },
    async readMany(names) {
      const Names = names.map((name) => `/${name}`);
      const { Parameters = [] } = await client.send(new GetParametersCommand({ Names, WithDecryption: true }));
      return Parameters.map(({ Value }) => Value ?? "");
    },
    close: async () => client.destroy(),
  };
}

export async function googlePeer({ url }: StoreDouble): Promise<CloudPeer> {
  const { SecretManagerServiceClient } = await import("@google-cloud/secret-manager");
  const { hostname: apiEndpoint, port } = new URL(url);
  const client = new SecretManagerServiceClient({
    fallback: true,
    projectId: "orders",
    apiEndpoint,
    port: Number(port),
    protocol: "http",
  } as ConstructorParameters<typeof SecretManagerServiceClient>[0]);
  return {
    async read(name) {
      const [answer] = await client.accessSecretVersion({ name: `projects/orders/secrets/${name}/versions/latest` });
      return Buffer.from(answer.payload?.data ?? "").toString();
    },
    close: () => client.close(),
  };
}

export async function azurePeer({ url }: StoreDouble): Promise<CloudPeer> {
  const { ClientSecretCredential } = await import("@azure/identity");
  const { SecretClient } = await import("@azure/keyvault-secrets");
  const client = new SecretClient(
    url,
    new ClientSecretCredential("adfs", "11111111-2222-3333-4444-555555555555", process.env.BENCH_CLIENT_SECRET ?? "", {
      authorityHost: url,
      disableInstanceDiscovery: true,
    }),
    { disableChallengeResourceVerification: true },
  );
  return { read: async (name) => (await client.getSecret(name)).value ?? "" };
}

/** What Alibaba's client of KMS stands on, asked as that asks. */
export async function alibabaPeer({ url }: StoreDouble): Promise<CloudPeer> {
  // CommonJS, whose default export Node leaves inside.
  const { default: openApi } = await import("@alicloud/openapi-client");
  const {
    default: Client,
    Config,
    OpenApiRequest,
    Params,
  } = openApi as unknown as typeof import("@alicloud/openapi-client");
  const { RuntimeOptions } = await import("@alicloud/tea-util");
  const { accessKeyId, secretAccessKey: accessKeySecret } = accessKey;
  const client = new Client(new Config({ accessKeyId, accessKeySecret, endpoint: new URL(url).host }));
  const params = new Params({
    action: "GetSecretValue",
    version: "2016-01-20",
    protocol: "HTTP",
    pathname: "/",
    method: "POST",
    authType: "AK",
    style: "RPC",
    reqBodyType: "formData",
    bodyType: "json",
  });
  const options = new RuntimeOptions({ autoretry: false });
  return {
    async read(SecretName) {
      const query = { SecretName, VersionStage: "ACSCurrent" };
      const answer = await client.callApi(params, new OpenApiRequest({ query }), options);
      return (answer as { readonly body: { readonly SecretData: string } }).body.SecretData;
    },
  };
}

/** What a provider of Tacit needs. */
export interface TacitCloud {
  readonly adapter: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Tacit, told not to be content with what it holds. */
export async function tacitCloudReader(cloud: TacitCloud): Promise<SecretReader> {
  const secrets = await openTacit(cloud, []);
  return {
    read: async (name) => String((await secrets.getSecret(name, { freshness: "fresh" })).reveal()),
    close: () => secrets.close(),
  };
}

/** Starts a client that has declared the names, until it holds them all. */
export async function tacitFirstLoad(cloud: TacitCloud, names: readonly string[]): Promise<readonly string[]> {
  await using secrets = await openTacit(cloud, names);
  await secrets.ready();
  return names.map((name) => String(secrets.latest(name).reveal()));
}

type Client = OpenSecrets<Readonly<Record<string, { readonly ref: string }>>>;

async function openTacit({ adapter, options }: TacitCloud, names: readonly string[]): Promise<Client> {
  const { createSecrets, declareSecrets } = await import("@tacit/core");
  const { adapters } = await import("@tacit/providers");
  return createSecrets({
    adapters,
    config: { providers: { cloud: { use: adapter, ...options } }, routes: [{ match: "**", to: ["cloud"] }] },
    declare: declareSecrets(Object.fromEntries(names.map((name) => [name, { ref: name }]))),
    strict: false,
  });
}
