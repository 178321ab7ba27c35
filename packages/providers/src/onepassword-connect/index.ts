import type { Adapter } from "@tacit/core/provider";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import { toItemTitle } from "./item-path.ts";
import type { OnepasswordConnectOptions } from "./options.ts";
import { openOnepasswordConnectProvider } from "./provider.ts";

/** Reads items of 1Password through a Connect server: their fields by label, or by section and label. */
export const onepasswordConnect: Adapter<OnepasswordConnectOptions> = {
  name: "onepassword-connect",
  options: async () => (await import("./options.ts")).onepasswordConnectOptions,
  credentials: ["auth.token", ...tlsCredentials],
  toPath: (name, { prefix }) => toItemTitle(name, prefix),
  open: (options, host) => openOnepasswordConnectProvider(options, host),
};

export type { OnepasswordConnectOptions };
