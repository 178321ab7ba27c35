import type { Adapter } from "@tacit/core/provider";
import type { KubernetesOptions } from "./options.ts";
import { toSecretPath } from "./path.ts";
import { openKubernetesProvider } from "./provider.ts";

/** Reads Kubernetes Secrets from the API server, with one watch for each; also service account tokens for an audience. */
export const kubernetes: Adapter<KubernetesOptions> = {
  name: "kubernetes",
  options: async () => (await import("./options.ts")).kubernetesOptions,
  toPath: (name, { prefix }) => toSecretPath(name, prefix),
  open: (options, host) => openKubernetesProvider(options, host),
};

export type { KubernetesOptions };
