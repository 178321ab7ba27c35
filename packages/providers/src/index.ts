import type { Adapter } from "@tacit/core/provider";
import type { EnvOptions } from "./env/index.ts";
import type { FileOptions } from "./file/index.ts";
import type { KubernetesOptions } from "./kubernetes/index.ts";
import type { VaultOptions } from "./vault/index.ts";

/** Every adapter of this package, by the name that a config document uses; each is loaded when a document names it. */
export const adapters: {
  /** Environment variables. */
  readonly env: () => Promise<Adapter<EnvOptions>>;
  /** Mounted volumes and plain files. */
  readonly file: () => Promise<Adapter<FileOptions>>;
  /** The Kubernetes API. */
  readonly kubernetes: () => Promise<Adapter<KubernetesOptions>>;
  /** HashiCorp Vault and OpenBao. */
  readonly vault: () => Promise<Adapter<VaultOptions>>;
} = {
  env: () => import("./env/index.ts").then(({ env }) => env),
  file: () => import("./file/index.ts").then(({ file }) => file),
  kubernetes: () => import("./kubernetes/index.ts").then(({ kubernetes }) => kubernetes),
  vault: () => import("./vault/index.ts").then(({ vault }) => vault),
};
