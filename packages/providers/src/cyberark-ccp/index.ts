import type { Adapter } from "@tacit/core/provider";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import { toObjectName } from "./account-path.ts";
import type { CyberarkCcpOptions } from "./options.ts";
import { openCyberarkCcpProvider } from "./provider.ts";

/** Reads accounts from CyberArk's Central Credential Provider: user name, password and the account's other properties. */
export const cyberarkCcp: Adapter<CyberarkCcpOptions> = {
  name: "cyberark-ccp",
  options: async () => (await import("./options.ts")).cyberarkCcpOptions,
  credentials: tlsCredentials,
  toPath: (name) => toObjectName(name),
  open: (options, host) => openCyberarkCcpProvider(options, host),
};

export type { CyberarkCcpOptions };
