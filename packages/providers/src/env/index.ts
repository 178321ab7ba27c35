import type { Adapter } from "@tacit/core/provider";
import type { EnvOptions } from "./options.ts";
import { toVariable } from "./path.ts";
import { openEnvProvider } from "./provider.ts";

/** Reads secrets from environment variables: `db/primary` from `DB_PRIMARY`, `DB_PRIMARY_FILE` or `DB_PRIMARY__*`. */
export const env: Adapter<EnvOptions> = {
  name: "env",
  options: async () => (await import("./options.ts")).envOptions,
  toPath: toVariable,
  open: (options, host) => openEnvProvider(options, host, process.env),
};

export type { EnvOptions };
