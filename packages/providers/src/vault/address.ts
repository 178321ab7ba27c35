import { SecretError } from "@tacit/core/provider";
import { type Environment, settingOf } from "./environment.ts";

/** Where Vault, an Agent or a Proxy listens. */
export interface Address {
  readonly url: string;
  /** Of a unix socket; the URL gives the Host header alone then. */
  readonly socketPath: string | undefined;
}

/**
 * The address that is asked: the option, else VAULT_AGENT_ADDR, which Vault's own clients prefer, else VAULT_ADDR; of each the
 * twin that begins with BAO_ comes first. `unix:/run/vault/agent.sock` is a socket.
 * @throws {SecretError} INVALID_CONFIG `address` where nothing says it, and for the address of the API or of the user interface
 */
export function resolveAddress(url: string | undefined, environment: Environment): Address {
  const address = url ?? settingOf(environment, "AGENT_ADDR") ?? settingOf(environment, "ADDR");
  if (address === undefined) {
    throw new SecretError("INVALID_CONFIG", "nothing says where Vault is", {
      reason: "address",
      tip: 'Write `url`, such as "https://vault.example:8200", or set VAULT_ADDR.',
    });
  }
  if (/^https?:\/\/[^/]+\/(v1|ui)(\/|$)/i.test(address)) throw belowVault();
  const socketPath = /^unix:(?:\/\/)?(\/.+)$/.exec(address)?.[1];
  return socketPath === undefined ? { url: address, socketPath } : { url: "http://localhost", socketPath };
}

function belowVault(): SecretError {
  return new SecretError(
    "INVALID_CONFIG",
    "the address of Vault goes on with /v1 or /ui, below which there is no Vault",
    {
      reason: "address",
      tip: 'Write scheme, host and port alone, such as "https://vault.example:8200".',
    },
  );
}
