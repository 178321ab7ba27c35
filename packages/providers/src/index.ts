import type { Adapter, AnyKeyRing } from "@tacit/core/provider";
import type { AgeOptions } from "./age/index.ts";
import type { AlibabaKmsOptions } from "./alibaba-kms/index.ts";
import type { AwsAgentOptions } from "./aws-agent/index.ts";
import type { AwsParameterStoreOptions } from "./aws-parameter-store/index.ts";
import type { AwsSecretsManagerOptions } from "./aws-secrets-manager/index.ts";
import type { AzureKeyVaultOptions } from "./azure-key-vault/index.ts";
import type { ConjurOptions } from "./conjur/index.ts";
import type { CyberarkCcpOptions } from "./cyberark-ccp/index.ts";
import type { DopplerOptions } from "./doppler/index.ts";
import type { EnvOptions } from "./env/index.ts";
import type { FileOptions } from "./file/index.ts";
import type { GcpSecretManagerOptions } from "./gcp-secret-manager/index.ts";
import type { HttpOptions } from "./http/index.ts";
import type { InfisicalOptions } from "./infisical/index.ts";
import type { KamusOptions } from "./kamus/index.ts";
import type { KubernetesOptions } from "./kubernetes/index.ts";
import type { KubesecOptions } from "./kubesec/index.ts";
import type { OnepasswordConnectOptions } from "./onepassword-connect/index.ts";
import type { SealedSecretsOptions } from "./sealed-secrets/index.ts";
import type { SopsOptions } from "./sops/index.ts";
import type { VaultOptions } from "./vault/index.ts";

// `pnpm generate` writes this file from the folders beside it.

/** Every adapter of this package, by the name that a config document uses; each is loaded when a document names it. */
export const adapters: {
  /** Reads files encrypted with age: `secrets.json.age` as fields, `token.age` as a value; X25519, post-quantum, SSH keys, passphrases. */
  readonly age: () => Promise<Adapter<AgeOptions>>;
  /** Reads secrets of Alibaba Cloud KMS, through its shared gateway or that of an instance: current, previous, and by version. */
  readonly "alibaba-kms": () => Promise<Adapter<AlibabaKmsOptions>>;
  /** Reads AWS Secrets Manager or Parameter Store through an agent on this machine, or through the extension of AWS Lambda. */
  readonly "aws-agent": () => Promise<Adapter<AwsAgentOptions>>;
  /** Reads parameters of AWS Systems Manager, up to 10 in one call, decrypted; or a hierarchy of them as fields. */
  readonly "aws-parameter-store": () => Promise<Adapter<AwsParameterStoreOptions>>;
  /** Reads AWS Secrets Manager, up to 20 secrets in one call: the current and the previous version, stages and ids. */
  readonly "aws-secrets-manager": () => Promise<Adapter<AwsSecretsManagerOptions>>;
  /** Reads secrets and certificates of Azure Key Vault: the current version, one by its id, and the previous one. */
  readonly "azure-key-vault": () => Promise<Adapter<AzureKeyVaultOptions>>;
  /** Reads variables of CyberArk Conjur, also of Secrets Manager Self-Hosted and SaaS; several in one call. */
  readonly conjur: () => Promise<Adapter<ConjurOptions>>;
  /** Reads accounts from CyberArk's Central Credential Provider: user name, password and the account's other properties. */
  readonly "cyberark-ccp": () => Promise<Adapter<CyberarkCcpOptions>>;
  /** Reads the secrets of a Doppler config: `db/primary` is `DB_PRIMARY`; one request reads all of them. */
  readonly doppler: () => Promise<Adapter<DopplerOptions>>;
  /** Reads secrets from environment variables: `db/primary` from `DB_PRIMARY`, `DB_PRIMARY_FILE` or `DB_PRIMARY__*`. */
  readonly env: () => Promise<Adapter<EnvOptions>>;
  /** Reads secrets from files: mounted Kubernetes Secrets, CSI and Vault Agent volumes, Docker secrets, plain directories. */
  readonly file: () => Promise<Adapter<FileOptions>>;
  /** Reads Google Cloud Secret Manager, global or of one region: the latest version, one by number or alias, and the previous one. */
  readonly "gcp-secret-manager": () => Promise<Adapter<GcpSecretManagerOptions>>;
  /** Reads secrets from a store of your own over HTTP: one GET for each, its body or a part of its JSON. */
  readonly http: () => Promise<Adapter<HttpOptions>>;
  /** Reads secrets of an Infisical project with their versions, and leases its dynamic secrets. */
  readonly infisical: () => Promise<Adapter<InfisicalOptions>>;
  /** Reads files of items encrypted with Kamus, through its decrypt API and the service account of the pod. */
  readonly kamus: () => Promise<Adapter<KamusOptions>>;
  /** Reads Kubernetes Secrets from the API server, with one watch for each; also service account tokens for an audience. */
  readonly kubernetes: () => Promise<Adapter<KubernetesOptions>>;
  /** Reads Secret manifests encrypted with shyiko/kubesec, with PGP, AWS KMS or Google Cloud KMS. */
  readonly kubesec: () => Promise<Adapter<KubesecOptions>>;
  /** Reads items of 1Password through a Connect server: their fields by label, or by section and label. */
  readonly "onepassword-connect": () => Promise<Adapter<OnepasswordConnectOptions>>;
  /** Reads SealedSecret manifests with the private keys of their controller: for development, tests and recovery, outside of the cluster. */
  readonly "sealed-secrets": () => Promise<Adapter<SealedSecretsOptions>>;
  /** Reads files encrypted with SOPS: YAML, JSON, dotenv and INI as fields, binary files as a value, each verified as a whole. */
  readonly sops: () => Promise<Adapter<SopsOptions>>;
  /** Reads HashiCorp Vault and OpenBao: KV secrets with their versions, and secrets that other engines issue, lease or decrypt. */
  readonly vault: () => Promise<Adapter<VaultOptions>>;
} = {
  age: () => import("./age/index.ts").then(({ age }) => age),
  "alibaba-kms": () => import("./alibaba-kms/index.ts").then(({ alibabaKms }) => alibabaKms),
  "aws-agent": () => import("./aws-agent/index.ts").then(({ awsAgent }) => awsAgent),
  "aws-parameter-store": () =>
    import("./aws-parameter-store/index.ts").then(({ awsParameterStore }) => awsParameterStore),
  "aws-secrets-manager": () =>
    import("./aws-secrets-manager/index.ts").then(({ awsSecretsManager }) => awsSecretsManager),
  "azure-key-vault": () => import("./azure-key-vault/index.ts").then(({ azureKeyVault }) => azureKeyVault),
  conjur: () => import("./conjur/index.ts").then(({ conjur }) => conjur),
  "cyberark-ccp": () => import("./cyberark-ccp/index.ts").then(({ cyberarkCcp }) => cyberarkCcp),
  doppler: () => import("./doppler/index.ts").then(({ doppler }) => doppler),
  env: () => import("./env/index.ts").then(({ env }) => env),
  file: () => import("./file/index.ts").then(({ file }) => file),
  "gcp-secret-manager": () => import("./gcp-secret-manager/index.ts").then(({ gcpSecretManager }) => gcpSecretManager),
  http: () => import("./http/index.ts").then(({ http }) => http),
  infisical: () => import("./infisical/index.ts").then(({ infisical }) => infisical),
  kamus: () => import("./kamus/index.ts").then(({ kamus }) => kamus),
  kubernetes: () => import("./kubernetes/index.ts").then(({ kubernetes }) => kubernetes),
  kubesec: () => import("./kubesec/index.ts").then(({ kubesec }) => kubesec),
  "onepassword-connect": () =>
    import("./onepassword-connect/index.ts").then(({ onepasswordConnect }) => onepasswordConnect),
  "sealed-secrets": () => import("./sealed-secrets/index.ts").then(({ sealedSecrets }) => sealedSecrets),
  sops: () => import("./sops/index.ts").then(({ sops }) => sops),
  vault: () => import("./vault/index.ts").then(({ vault }) => vault),
};

/** The key services that the snapshot of a document may use: `createSecrets({ adapters, keys })`. */
export const keys: () => Promise<AnyKeyRing> = () => import("./shared/keys/key-ring.ts").then(({ keyRing }) => keyRing);
