/** The token under which a client is injected. Explicit, so it needs no metadata of a compiler. */
export function getSecretsToken(client?: string): string {
  return client === undefined ? "TacitSecrets" : `TacitSecrets(${client})`;
}

/** The token under which the watch of one alias is injected. */
export function getSecretToken(alias: string, client?: string): string {
  // No alias holds a comma, so that no two pairs give one token.
  return client === undefined ? `TacitSecret(${alias})` : `TacitSecret(${alias}, ${client})`;
}

/** The token of what keeps the watches and listeners of a client; for this package alone. */
export function getHostToken(client?: string): string {
  return client === undefined ? "TacitSecretsHost" : `TacitSecretsHost(${client})`;
}
