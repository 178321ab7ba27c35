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
 * @throws {SecretError} INVALID_CONFIG `address` where nothing says it
 */
export function resolveAddress(url: string | undefined, environment: Environment): Address {
  const address = url ?? settingOf(environment, "AGENT_ADDR") ?? settingOf(environment, "ADDR");
  if (address === undefined) {
    throw new SecretError("INVALID_CONFIG", "nothing says where Vault is", {
      reason: "address",
      tip: 'Write `url`, such as "https://vault.example:8200", or set VAULT_ADDR.',
    });
  }
  const socketPath = /^unix:(?:\/\/)?(\/.+)$/.exec(address)?.[1];
  return socketPath === undefined ? { url: address, socketPath } : { url: "http://localhost", socketPath };
}
