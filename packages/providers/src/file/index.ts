import type { Adapter } from "@tacit/core/provider";
import type { FileOptions } from "./options.ts";
import { openFileProvider } from "./provider.ts";

/** Reads secrets from files: mounted Kubernetes Secrets, CSI and Vault Agent volumes, Docker secrets, plain directories. */
export const file: Adapter<FileOptions> = {
  name: "file",
  options: async () => (await import("./options.ts")).fileOptions,
  toPath: (name) => name,
  open: (options, host) => openFileProvider(options, host),
};

export type { FileOptions };
