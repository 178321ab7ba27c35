import { SecretError } from "@tacit/core/provider";

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the name of the first variable that is set, with the prefix of OpenBao or Vault: `BAO_TOKEN` precedes `VAULT_TOKEN`, as
 * in OpenBao's client. An empty variable counts as not set.
 * @param names the names without prefix, in order of precedence
 */
export function variableOf(environment: Environment, ...names: readonly string[]): string | undefined {
  return names
    .flatMap((name) => [`BAO_${name}`, `VAULT_${name}`])
    .find((name) => environment[name] !== undefined && environment[name] !== "");
}

/** Returns the value of the first variable that is set; see `variableOf`. */
export function settingOf(environment: Environment, ...names: readonly string[]): string | undefined {
  const name = variableOf(environment, ...names);
  return name === undefined ? undefined : environment[name];
}

/** The address of Vault, an Agent or a Proxy. */
export interface Address {
  readonly url: string;
  /** The path of a unix socket; the URL then provides only the Host header. */
  readonly socketPath: string | undefined;
}

/**
 * Returns the address: the option, else VAULT_AGENT_ADDR, which Vault's clients prefer, else VAULT_ADDR; the variant of each with
 * the prefix BAO_ takes precedence. `unix:/run/vault/agent.sock` is a socket.
 * @throws {SecretError} INVALID_CONFIG `address` if none is set or it is invalid, and for the address of the API (/v1) or user interface (/ui)
 */
export function resolveAddress(url: string | undefined, environment: Environment): Address {
  const variable = variableOf(environment, "AGENT_ADDR") ?? variableOf(environment, "ADDR");
  const address = (url ?? (variable === undefined ? undefined : environment[variable]))?.trim();
  if (address === undefined) {
    throw new SecretError("INVALID_CONFIG", "the address of Vault is not set", {
      reason: "address",
      tip: 'Write `url`, such as "https://vault.example:8200", or set VAULT_ADDR.',
    });
  }
  if (/^https?:\/\/[^/]+\/(v1|ui)(\/|$)/i.test(address)) throw belowVault();
  const socketPath = /^unix:(?:\/\/)?(\/.+)$/.exec(address)?.[1];
  if (socketPath !== undefined) return { url: "http://localhost", socketPath };
  if (!/^https?:\/\//i.test(address)) throw noAddress(url === undefined ? variable : "url");
  return { url: address, socketPath };
}

function noAddress(name: string | undefined): SecretError {
  return new SecretError("INVALID_CONFIG", `\`${name}\` does not begin with https://, http:// or unix:`, {
    reason: "address",
    tip: 'Write the scheme, host and port, such as "https://vault.example:8200", or the path of a socket, such as "unix:/run/vault/agent.sock".',
  });
}

function belowVault(): SecretError {
  return new SecretError("INVALID_CONFIG", "the address of Vault ends in /v1 or /ui", {
    reason: "address",
    tip: 'Write only the scheme, host and port, such as "https://vault.example:8200".',
  });
}
