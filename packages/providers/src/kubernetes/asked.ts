import { objectMeta } from "./object-meta.ts";
import type { SecretPlace } from "./secret-read.ts";

/** The Secrets that were asked for: the ones that `diagnose` can say something about. */
export class Asked {
  /** `namespace/name` -> place */
  readonly #places = new Map<string, SecretPlace>();
  /** Those that hold their values in an annotation, too. */
  readonly #lastApplied = new Set<string>();

  get places(): readonly SecretPlace[] {
    return [...this.#places.values()];
  }

  add(place: SecretPlace): void {
    if (this.#places.size < mostPlaces) this.#places.set(keyOf(place), place);
  }

  /** Remembers one thing of a Secret's metadata, and nothing of its content. */
  saw(place: SecretPlace, object: unknown): void {
    if (objectMeta(object).holdsLastApplied && this.#places.has(keyOf(place))) this.#lastApplied.add(keyOf(place));
    else this.#lastApplied.delete(keyOf(place));
  }

  holdsLastApplied(place: SecretPlace): boolean {
    return this.#lastApplied.has(keyOf(place));
  }
}

/** An application that makes names up must not fill the memory. */
const mostPlaces = 1000;

function keyOf({ namespace, name }: SecretPlace): string {
  return `${namespace}/${name}`;
}
