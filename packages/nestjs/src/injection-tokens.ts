/** Returns the token of a client. It is explicit, so it needs no compiler metadata. */
export function getSecretsToken(client?: string): string {
  return client === undefined ? "TacitSecrets" : `TacitSecrets(${client})`;
}

/** Returns the token of the watch of one alias. */
export function getSecretToken(alias: string, client?: string): string {
  // No alias holds a comma, so that no two pairs give one token.
  return client === undefined ? `TacitSecret(${alias})` : `TacitSecret(${alias}, ${client})`;
}

/** The token of what keeps the watches and listeners of a client; for this package alone. */
export function getHostToken(client?: string): string {
  return client === undefined ? "TacitSecretsHost" : `TacitSecretsHost(${client})`;
}
