import type { Adapter } from "@tacit/core/provider";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import { withPrefix } from "../shared/store/path.ts";
import type { ConjurAuth, ConjurOptions } from "./options.ts";
import { checkPath } from "./path.ts";
import { openConjurProvider } from "./provider.ts";

/** Reads variables of CyberArk Conjur, also of Secrets Manager Self-Hosted and SaaS; several in one call. */
export const conjur: Adapter<ConjurOptions> = {
  name: "conjur",
  options: async () => (await import("./options.ts")).conjurOptions,
  credentials: ["auth.apiKey", "auth.token", "auth.password", ...tlsCredentials],
  toPath: (name, { policy }) => checkPath(withPrefix(name, policy)),
  open: (options, host) => openConjurProvider(options, host),
};

export type { ConjurAuth, ConjurOptions };
