import { password, type StorePlace } from "./loopback-store.ts";

/** The first secret of one adapter, and how the usual client reads the same. */
export interface FirstSecret {
  /** Its `use` in a document. */
  readonly adapter: string;
  /** The other options of the provider. */
  options(place: StorePlace): Readonly<Record<string, unknown>>;
  readonly reference: string;
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
];

/** What a process needs that reads any of them: the environment of the script that is started. */
export const firstSecretEnvironment = `
  process.env.DB_PASSWORD = ${JSON.stringify(password)};
  process.env.VAULT_TOKEN = "t0ken-fixture";
  process.env.AWS_ACCESS_KEY_ID = "AKIAFIXTURE000000001";
  process.env.AWS_SECRET_ACCESS_KEY = "s3cret-fixture-key";`;

/** Returns a module that reads a first secret through Tacit, and leaves it in `value`. */
export function tacitScript({ adapter, options, reference }: FirstSecret, place: StorePlace): string {
  const document = {
    providers: { store: { use: adapter, ...options(place) } },
    routes: [{ match: "**", to: ["store"] }],
  };
  return `
    import { createSecrets } from "@tacit/core";
    import { adapters } from "@tacit/providers";
    const secrets = createSecrets({ adapters, config: ${JSON.stringify(document)} });
    await secrets.ready();
    const value = (await secrets.getSecret(${JSON.stringify(reference)})).reveal();`;
}

/** Returns what comes after either: proof of the value. */
export const proof = `
  if (value !== ${JSON.stringify(password)}) throw new Error("wrong value");`;
