import type { PayloadSource } from "./source.ts";

/**
 * Returns, for messages, the places at which the stores of a source look for its secret.
 * @param fields the fields that the application reads from the secret; undefined for a part of a composed secret
 */
export function placesOf(source: PayloadSource, fields: readonly string[] | undefined): readonly string[] {
  const places = source
    .stores()
    .map(({ provider, path }) => `${provider.placeOf(path, fields)} (provider "${provider.name}")`);
  return [...new Set(places)];
}
