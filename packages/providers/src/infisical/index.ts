import type { Adapter } from "@tacit/core/provider";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import { withPrefix } from "../shared/store/path.ts";
import type { InfisicalAuth, InfisicalOptions } from "./options.ts";
import { openInfisicalProvider } from "./provider.ts";
import { parseSecretPath } from "./secret-path.ts";

/** Reads secrets of an Infisical project with their versions, and leases its dynamic secrets. */
export const infisical: Adapter<InfisicalOptions> = {
  name: "infisical",
  options: async () => (await import("./options.ts")).infisicalOptions,
  credentials: ["auth.clientId", "auth.clientSecret", "auth.token", "auth.password", ...tlsCredentials],
  toPath(name, { prefix }) {
    const path = withPrefix(name, prefix);
    parseSecretPath(path);
    return path;
  },
  open: (options, host) => openInfisicalProvider(options, host),
};

export type { InfisicalAuth, InfisicalOptions };
