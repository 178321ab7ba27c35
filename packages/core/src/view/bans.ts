import type { SecretPayload } from "../contract/contract.ts";
import { contentVersion } from "../secret/content-version.ts";

/** Contents that were dropped, by the name they were read under: keyed hashes, so nothing of a value is kept. */
export class Bans {
  /** name -> keyed versions */
  readonly #byName: Map<string, Set<string>> = new Map();

  add(name: string, contents: Iterable<SecretPayload | string>): void {
    const banned = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, banned);
    for (const content of contents) banned.add(typeof content === "string" ? content : contentVersion(content));
  }

  /** Whether one of these is banned: what a view selects, or what that lies in. */
  has(name: string, contents: readonly SecretPayload[]): boolean {
    const banned = this.#byName.get(name);
    return banned !== undefined && contents.some((content) => banned.has(contentVersion(content)));
  }
}
