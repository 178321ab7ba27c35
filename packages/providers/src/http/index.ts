import type { Adapter } from "@tacit/core/provider";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import { withPrefix } from "../shared/store/path.ts";
import { checkPath } from "./address.ts";
import type { HttpAuth, HttpOptions } from "./options.ts";
import { openHttpProvider } from "./provider.ts";

/** Reads secrets from a store of your own over HTTP: one GET for each, its body or a part of its JSON. */
export const http: Adapter<HttpOptions> = {
  name: "http",
  options: async () => (await import("./options.ts")).httpOptions,
  credentials: ["auth.token", "auth.password", "auth.value", ...tlsCredentials],
  toPath: (name, { prefix }) => checkPath(withPrefix(name, prefix)),
  open: (options, host) => openHttpProvider(options, host),
};

export type { HttpAuth, HttpOptions };
