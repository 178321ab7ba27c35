import type { Adapter } from "@tacit/core/provider";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import { toSecretName } from "./name.ts";
import type { DopplerAuth, DopplerOptions } from "./options.ts";
import { openDopplerProvider } from "./provider.ts";

/** Reads the secrets of a Doppler config: `db/primary` is `DB_PRIMARY`; one request reads all of them. */
export const doppler: Adapter<DopplerOptions> = {
  name: "doppler",
  options: async () => (await import("./options.ts")).dopplerOptions,
  credentials: ["auth.token", ...tlsCredentials],
  toPath: (name, { prefix }) => toSecretName(name, prefix),
  open: (options, host) => openDopplerProvider(options, host),
};

export type { DopplerAuth, DopplerOptions };
