import { password, type StorePlace } from "./loopback-store.ts";

/** The first secret of one adapter, and how the usual client reads the same. */
export interface FirstSecret {
  /** Its `use` in a document. */
  readonly adapter: string;
  /** The other options of the provider. */
  options(place: StorePlace): Readonly<Record<string, unknown>>;
  readonly reference: string;
  /** Sets variables by which both log in. */
  environment?(place: StorePlace): string;
  readonly peer: string;
  /** A module that leaves the password in `value`. */
  peerScript(place: StorePlace): string;
}

/** One entry for each adapter. A store that is asked over HTTP also needs its answers in loopback-store.ts. */
export const firstSecrets: readonly FirstSecret[] = [
  {
    adapter: "env",
    options: () => ({}),
    reference: "db/password",
    peer: "process.env",
    peerScript: () => `const value = process.env.DB_PASSWORD;`,
  },
  {
    adapter: "file",
    options: ({ volume }) => ({ root: volume }),
    reference: "password",
    peer: "readFileSync",
    peerScript: ({ volume }) =>
      `import { readFileSync } from "node:fs"; const value = readFileSync(${JSON.stringify(`${volume}/password`)}, "utf8");`,
  },
  {
    adapter: "kubernetes",
    // The store speaks plain HTTP, which both clients read only where they need not check a certificate.
    options: ({ kubeconfig }) => ({ kubeconfig, tls: { verify: false } }),
    reference: "db#password",
    peer: "@kubernetes/client-node",
    peerScript: ({ kubeconfig }) => `
      import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
      const config = new KubeConfig();
      config.loadFromFile(${JSON.stringify(kubeconfig)});
      const secret = await config.makeApiClient(CoreV1Api).readNamespacedSecret({ namespace: "default", name: "db" });
      const value = Buffer.from(secret.data.password, "base64").toString();`,
  },
  {
    adapter: "vault",
    options: ({ url }) => ({ url, engine: "kv-v2" }),
    reference: "db#password",
    peer: "node-vault",
    peerScript: ({ url }) => `
      import openVault from "node-vault";
      const vault = openVault({ endpoint: ${JSON.stringify(url)}, token: process.env.VAULT_TOKEN });
      const value = (await vault.read("secret/data/db")).data.data.password;`,
  },
  {
    adapter: "aws-secrets-manager",
    options: ({ url }) => ({ endpoint: url, region: "us-east-1" }),
    reference: "db#password",
    peer: "@aws-sdk/client-secrets-manager",
    peerScript: ({ url }) => `
      import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
      const client = new SecretsManagerClient({ region: "us-east-1", endpoint: ${JSON.stringify(url)} });
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: "db" }));
      const value = JSON.parse(SecretString).password;
      client.destroy();`,
  },
  {
    adapter: "aws-parameter-store",
    options: ({ url }) => ({ endpoint: url, region: "us-east-1" }),
    reference: "db",
    peer: "@aws-sdk/client-ssm",
    peerScript: ({ url }) => `
      import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
      const client = new SSMClient({ region: "us-east-1", endpoint: ${JSON.stringify(url)} });
      const { Parameter } = await client.send(new GetParameterCommand({ Name: "/db", WithDecryption: true }));
      const value = Parameter.Value;
      client.destroy();`,
  },
  {
    adapter: "gcp-secret-manager",
    options: ({ url }) => ({ endpoint: url, project: "orders" }),
    reference: "db",
    environment: ({ url }) => `
      process.env.GCE_METADATA_HOST = ${JSON.stringify(new URL(url).host)};
      process.env.METADATA_SERVER_DETECTION = "assume-present";`,
    peer: "@google-cloud/secret-manager",
    peerScript: ({ url }) => `
      import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
      const client = new SecretManagerServiceClient({
        fallback: true,
        projectId: "orders",
        apiEndpoint: "127.0.0.1",
        port: ${new URL(url).port},
        protocol: "http",
      });
      const [answer] = await client.accessSecretVersion({ name: "projects/orders/secrets/db/versions/latest" });
      const value = Buffer.from(answer.payload.data).toString();
      await client.close();`,
  },
  {
    adapter: "azure-key-vault",
    options: ({ secureUrl }) => ({ url: secureUrl, tls: { verify: false } }),
    reference: "db",
    environment: ({ url }) => `
      process.env.IDENTITY_ENDPOINT = ${JSON.stringify(`${url}/msi/token`)};
      process.env.IDENTITY_HEADER = "s3cret-fixture-header";`,
    peer: "@azure/keyvault-secrets",
    // As with Tacit, nobody has signed the certificate; Node says so on standard error.
    peerScript: ({ secureUrl }) => `
      import { ManagedIdentityCredential } from "@azure/identity";
      import { SecretClient } from "@azure/keyvault-secrets";
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
      const client = new SecretClient(${JSON.stringify(secureUrl)}, new ManagedIdentityCredential(), {
        disableChallengeResourceVerification: true,
      });
      const { value } = await client.getSecret("db");`,
  },
  {
    adapter: "alibaba-kms",
    options: ({ url }) => ({ endpoint: url, region: "eu-central-1" }),
    reference: "db",
    environment: () => `
      process.env.ALIBABA_CLOUD_ACCESS_KEY_ID = "LTAI-fixture";
      process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET = "s3cret-fixture-key";`,
    peer: "@alicloud/openapi-client",
    peerScript: ({ url }) => `
      import openApi from "@alicloud/openapi-client";
      import { RuntimeOptions } from "@alicloud/tea-util";
      const { default: Client, Config, OpenApiRequest, Params } = openApi;
      const client = new Client(new Config({
        accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
        accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
        endpoint: ${JSON.stringify(new URL(url).host)},
      }));
      const params = new Params({
        action: "GetSecretValue", version: "2016-01-20", protocol: "HTTP", pathname: "/", method: "POST",
        authType: "AK", style: "RPC", reqBodyType: "formData", bodyType: "json",
      });
      const answer = await client.callApi(params, new OpenApiRequest({ query: { SecretName: "db" } }), new RuntimeOptions({}));
      const value = answer.body.SecretData;`,
  },
];

/** What a process needs that reads any of them: the environment of the script that is started. */
export const firstSecretEnvironment = `
  process.env.DB_PASSWORD = ${JSON.stringify(password)};
  process.env.VAULT_TOKEN = "t0ken-fixture";
  process.env.AWS_ACCESS_KEY_ID = "AKIAFIXTURE000000001";
  process.env.AWS_SECRET_ACCESS_KEY = "s3cret-fixture-key";`;

/** Returns a module that reads a first secret through Tacit, and leaves it in `value`. */
export function tacitScript({ adapter, options, reference, environment }: FirstSecret, place: StorePlace): string {
  const document = {
    providers: { store: { use: adapter, ...options(place) } },
    routes: [{ match: "**", to: ["store"] }],
  };
  return `${environment?.(place) ?? ""}
    import { createSecrets } from "@tacit/core";
    import { adapters } from "@tacit/providers";
    const secrets = createSecrets({ adapters, config: ${JSON.stringify(document)} });
    await secrets.ready();
    const value = (await secrets.getSecret(${JSON.stringify(reference)})).reveal();`;
}

/** Returns a module that reads it through the usual client, and leaves it in `value`. */
export function usualScript({ environment, peerScript }: FirstSecret, place: StorePlace): string {
  return `${environment?.(place) ?? ""}${peerScript(place)}`;
}

/** Returns what comes after either: proof of the value. */
export const proof = `
  if (value !== ${JSON.stringify(password)}) throw new Error("wrong value");`;
