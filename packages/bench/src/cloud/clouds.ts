import {
  accessKey,
  alibabaPeer,
  awsParameterStorePeer,
  awsSecretsManagerPeer,
  azurePeer,
  type CloudPeer,
  googlePeer,
} from "../peers/cloud-readers.ts";
import type { AskedRequest, DoubleName, StoreDouble } from "./store-double.ts";

/** A store of a cloud, read through Tacit and through its official client. */
export interface Cloud {
  /** Its `use` in a document. */
  readonly adapter: string;
  /** The store in a sentence. */
  readonly title: string;
  readonly double: DoubleName;
  readonly isSecure?: true;
  /** Stores a value, in the terms of the double. */
  put(double: StoreDouble, name: string, value: string): Promise<unknown>;
  /** Lets this process log in, and returns the options of a provider. */
  prepare(double: StoreDouble): Promise<Readonly<Record<string, unknown>>>;
  /** Whether a request is one for values. */
  isRead(request: AskedRequest): boolean;
  readonly peer: string;
  openPeer(double: StoreDouble): Promise<CloudPeer>;
}

const awsDouble: DoubleName = { module: "aws-stores-double.ts", name: "AwsStoresDouble" };
const keys = {
  method: "keys",
  accessKeyId: accessKey.accessKeyId,
  secretAccessKey: { $env: "BENCH_SECRET_KEY" },
};

export const clouds: readonly Cloud[] = [
  {
    adapter: "aws-secrets-manager",
    title: "AWS Secrets Manager",
    double: awsDouble,
    put: (double, name, value) => double.call("secrets.put", name, value),
    prepare: (double) => prepareAws(double),
    isRead: ({ target = "" }) => target.startsWith("secretsmanager."),
    peer: "@aws-sdk/client-secrets-manager",
    openPeer: awsSecretsManagerPeer,
  },
  {
    adapter: "aws-parameter-store",
    title: "AWS Parameter Store",
    double: awsDouble,
    put: (double, name, value) => double.call("parameters.put", `/${name}`, value),
    prepare: (double) => prepareAws(double),
    isRead: ({ target = "" }) => target.startsWith("AmazonSSM."),
    peer: "@aws-sdk/client-ssm",
    openPeer: awsParameterStorePeer,
  },
  {
    adapter: "gcp-secret-manager",
    title: "Google Secret Manager, over REST",
    double: { module: "gcp-secret-manager/double.ts", name: "SecretManagerDouble" },
    put: (double, name, value) => double.call("put", name, value),
    async prepare({ url }) {
      process.env.GCE_METADATA_HOST = new URL(url).host;
      process.env.METADATA_SERVER_DETECTION = "assume-present";
      return { project: "orders", endpoint: url };
    },
    isRead: ({ path = "" }) => path.endsWith(":access"),
    peer: "@google-cloud/secret-manager",
    openPeer: googlePeer,
  },
  {
    adapter: "azure-key-vault",
    title: "Azure Key Vault",
    double: { module: "azure-key-vault/double.ts", name: "KeyVaultDouble" },
    isSecure: true,
    put: (double, name, value) => double.call("put", name, value),
    async prepare({ url }) {
      // As an identity provider of one's own: for Azure's, both ask the internet first.
      process.env.AZURE_AUTHORITY_HOST = url;
      process.env.BENCH_CLIENT_SECRET = "s3cret-fixture-client-secret";
      const application = { tenantId: "adfs", clientId: "11111111-2222-3333-4444-555555555555" };
      return { url, auth: { method: "client-secret", ...application, secret: { $env: "BENCH_CLIENT_SECRET" } } };
    },
    isRead: ({ path = "" }) => /^\/secrets\/./.test(path),
    peer: "@azure/keyvault-secrets",
    openPeer: azurePeer,
  },
  {
    adapter: "alibaba-kms",
    title: "Alibaba Cloud KMS",
    double: { module: "alibaba-kms/double.ts", name: "KmsDouble" },
    put: (double, name, value) => double.call("put", name, value),
    async prepare(double) {
      await double.call("issue", accessKey.accessKeyId, accessKey.secretAccessKey);
      process.env.BENCH_KEY_ID = accessKey.accessKeyId;
      process.env.BENCH_SECRET_KEY = accessKey.secretAccessKey;
      const auth = {
        method: "keys",
        accessKeyId: { $env: "BENCH_KEY_ID" },
        accessKeySecret: { $env: "BENCH_SECRET_KEY" },
      };
      return { region: "eu-central-1", endpoint: double.url, auth };
    },
    isRead: ({ path }) => path === "/",
    peer: "@alicloud/openapi-client",
    openPeer: alibabaPeer,
  },
];

async function prepareAws(double: StoreDouble): Promise<Readonly<Record<string, unknown>>> {
  await double.call("issue", accessKey.accessKeyId, accessKey.secretAccessKey);
  process.env.BENCH_SECRET_KEY = accessKey.secretAccessKey;
  return { region: "eu-central-1", endpoint: double.url, auth: keys };
}
