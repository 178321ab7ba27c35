import type { SecretPayload } from "../contract/contract.ts";
import type { Decoded } from "../decode/codec.ts";
import { canonicalContent } from "../secret/canonical.ts";
import { contentVersion } from "../secret/content-version.ts";

/**
 * The dropped values by name: contents as the store has them, and decoded values, so that other bytes of the same value are
 * refused too. Only keyed hashes are kept, never a part of a value.
 */
export class Bans {
  /** Name -> keyed hashes. */
  readonly #byName: Map<string, Set<string>> = new Map();

  add(name: string, hashes: Iterable<string>): void {
    const banned = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, banned);
    for (const hash of hashes) banned.add(hash);
  }

  /** Whether a value was dropped under this name. */
  concern(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Whether one of these contents was dropped: that which a view selects, or one that contains it. */
  hasContent(name: string, contents: readonly SecretPayload[]): boolean {
    const banned = this.#byName.get(name);
    return banned !== undefined && contents.some((content) => banned.has(hashOfContent(content)));
  }

  hasValue(name: string, decoded: Decoded<unknown>): boolean {
    const banned = this.#byName.get(name);
    return banned !== undefined && hashesOfValue(decoded).some((hash) => banned.has(hash));
  }
}

export function hashOfContent(content: SecretPayload): string {
  return contentVersion(content);
}

/** Returns the hashes of a decoded value; none for a value without a canonical form. */
export function hashesOfValue(decoded: Decoded<unknown>): readonly string[] {
  const canonical = canonicalContent(decoded);
  if (canonical === undefined) return [];
  const kind = canonical.structured ? "structure" : "text";
  return [`${kind} ${contentVersion({ kind: "value", bytes: canonical.bytes })}`];
}
