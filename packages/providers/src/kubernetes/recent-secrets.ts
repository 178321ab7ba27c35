import { RecentPaths } from "../shared/recent-paths.ts";
import { objectMeta } from "./object-meta.ts";
import type { SecretLocation } from "./secret.ts";

interface AskedSecret {
  readonly location: SecretLocation;
  /** Whether an annotation of the Secret also contains its values. */
  holdsLastApplied: boolean;
}

/** The Secrets that were read recently, about which `diagnose` can report. */
export class RecentSecrets {
  readonly #paths = new RecentPaths<AskedSecret>(1000);

  get locations(): readonly SecretLocation[] {
    return this.#paths.values.map(({ location }) => location);
  }

  add(location: SecretLocation): void {
    const holdsLastApplied = this.holdsLastApplied(location);
    this.#paths.add(keyOf(location), { location, holdsLastApplied });
  }

  /** Records whether a Secret has such an annotation, and nothing of its content. */
  saw(location: SecretLocation, object: unknown): void {
    const recent = this.#paths.get(keyOf(location));
    if (recent !== undefined) recent.holdsLastApplied = objectMeta(object).holdsLastApplied;
  }

  holdsLastApplied(location: SecretLocation): boolean {
    return this.#paths.get(keyOf(location))?.holdsLastApplied === true;
  }
}

function keyOf({ namespace, name }: SecretLocation): string {
  return `${namespace}/${name}`;
}
