import { SecretError } from "@tacit/core/provider";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The name under which a variable is set, of OpenBao's and Vault's: `BAO_TOKEN` before `VAULT_TOKEN`, as OpenBao's own client
 * looks. An empty one counts as not set.
 * @param names without their prefix, the first that is set counts
 */
export function variableOf(environment: Environment, ...names: readonly string[]): string | undefined {
  return names
    .flatMap((name) => [`BAO_${name}`, `VAULT_${name}`])
    .find((name) => environment[name] !== undefined && environment[name] !== "");
}

/** The text of a variable, under either name. */
export function settingOf(environment: Environment, ...names: readonly string[]): string | undefined {
  const name = variableOf(environment, ...names);
  return name === undefined ? undefined : environment[name];
}

/** Where Vault, an Agent or a Proxy listens. */
export interface Address {
  readonly url: string;
  /** Of a unix socket; the URL gives the Host header alone then. */
  readonly socketPath: string | undefined;
}

/**
 * The address that is asked: the option, else VAULT_AGENT_ADDR, which Vault's own clients prefer, else VAULT_ADDR; of each the
 * twin that begins with BAO_ comes first. `unix:/run/vault/agent.sock` is a socket.
 * @throws {SecretError} INVALID_CONFIG `address` where nothing says it or what does is no address, and for the address of the API or of the
 * user interface
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
