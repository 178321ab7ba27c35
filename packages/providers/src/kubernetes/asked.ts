import { RecentPaths } from "../shared/recent-paths.ts";
import { objectMeta } from "./object-meta.ts";
import type { SecretPlace } from "./secret-read.ts";

interface AskedSecret {
  readonly place: SecretPlace;
  /** Whether it holds its values in an annotation, too. */
  holdsLastApplied: boolean;
}

/** The Secrets that were asked for: the ones that `diagnose` can say something about. */
export class Asked {
  readonly #paths = new RecentPaths<AskedSecret>(1000);

  get places(): readonly SecretPlace[] {
    return this.#paths.values.map(({ place }) => place);
  }

  add(place: SecretPlace): void {
    const holdsLastApplied = this.holdsLastApplied(place);
    this.#paths.add(keyOf(place), { place, holdsLastApplied });
  }

  /** Remembers one thing of a Secret's metadata, and nothing of its content. */
  saw(place: SecretPlace, object: unknown): void {
    const asked = this.#paths.get(keyOf(place));
    if (asked !== undefined) asked.holdsLastApplied = objectMeta(object).holdsLastApplied;
  }

  holdsLastApplied(place: SecretPlace): boolean {
    return this.#paths.get(keyOf(place))?.holdsLastApplied === true;
  }
}

function keyOf({ namespace, name }: SecretPlace): string {
  return `${namespace}/${name}`;
}
