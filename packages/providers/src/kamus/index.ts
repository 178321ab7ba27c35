import type { Adapter } from "@tacit/core/provider";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import type { KamusOptions } from "./options.ts";
import { openKamusProvider } from "./provider.ts";

/** Reads files of items encrypted with Kamus, through its decrypt API and the service account of the pod. */
export const kamus: Adapter<KamusOptions> = {
  name: "kamus",
  options: async () => (await import("./options.ts")).kamusOptions,
  credentials: ["auth.token", ...tlsCredentials],
  toPath: (name) => name,
  open: (options, host) => openKamusProvider(options, host),
};

export type { KamusOptions };
