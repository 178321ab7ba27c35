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
