import type { PayloadSource } from "./source.ts";

/**
 * Returns where each store of a source looks for its secret, for messages. `fields` are those that the application reads from one
 * secret; undefined for a part of a composed one, whose fields are those of the whole.
 */
export function placesOf(source: PayloadSource, fields: readonly string[] | undefined): readonly string[] {
  const places = source
    .stores()
    .map(({ provider, path }) => `${provider.placeOf(path, fields)} (provider "${provider.name}")`);
  return [...new Set(places)];
}
