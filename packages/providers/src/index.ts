import type { Adapter } from "@tacit/core/provider";
import type { AgeOptions } from "./age/index.ts";
import type { DopplerOptions } from "./doppler/index.ts";
import type { EnvOptions } from "./env/index.ts";
import type { FileOptions } from "./file/index.ts";
import type { HttpOptions } from "./http/index.ts";
import type { KubernetesOptions } from "./kubernetes/index.ts";
import type { VaultOptions } from "./vault/index.ts";

// `pnpm generate` writes this file from the folders beside it.

/** Every adapter of this package, by the name that a config document uses; each is loaded when a document names it. */
export const adapters: {
  /** Reads files that age has encrypted: `secrets.json.age` as fields, `token.age` as a value; X25519, post-quantum, SSH keys, passphrases. */
  readonly age: () => Promise<Adapter<AgeOptions>>;
  /** Reads the secrets of a Doppler config: `db/primary` is `DB_PRIMARY`; one request reads all of them. */
  readonly doppler: () => Promise<Adapter<DopplerOptions>>;
  /** Reads secrets from environment variables: `db/primary` from `DB_PRIMARY`, `DB_PRIMARY_FILE` or `DB_PRIMARY__*`. */
  readonly env: () => Promise<Adapter<EnvOptions>>;
  /** Reads secrets from files: mounted Kubernetes Secrets, CSI and Vault Agent volumes, Docker secrets, plain directories. */
  readonly file: () => Promise<Adapter<FileOptions>>;
  /** Reads secrets from a store of your own over HTTP: one GET for each, its body or a part of its JSON. */
  readonly http: () => Promise<Adapter<HttpOptions>>;
  /** Reads Kubernetes Secrets from the API server and holds one watch for each; also service account tokens for an audience. */
  readonly kubernetes: () => Promise<Adapter<KubernetesOptions>>;
  /** Reads HashiCorp Vault and OpenBao: KV secrets with their versions, and what other engines issue, lease or decrypt. */
  readonly vault: () => Promise<Adapter<VaultOptions>>;
} = {
  age: () => import("./age/index.ts").then(({ age }) => age),
  doppler: () => import("./doppler/index.ts").then(({ doppler }) => doppler),
  env: () => import("./env/index.ts").then(({ env }) => env),
  file: () => import("./file/index.ts").then(({ file }) => file),
  http: () => import("./http/index.ts").then(({ http }) => http),
  kubernetes: () => import("./kubernetes/index.ts").then(({ kubernetes }) => kubernetes),
  vault: () => import("./vault/index.ts").then(({ vault }) => vault),
};
