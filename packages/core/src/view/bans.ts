import type { SecretPayload } from "../contract/contract.ts";
import type { Decoded } from "../decode/codec.ts";
import { canonicalContent } from "../secret/canonical.ts";
import { contentVersion } from "../secret/content-version.ts";

/**
 * What was dropped, by the name it was read under: contents as the store holds them, and values as the application sees
 * them, so that other bytes of the same value do not come back. Keyed hashes, so nothing of a value is kept.
 */
export class Bans {
  /** name -> keyed hashes */
  readonly #byName: Map<string, Set<string>> = new Map();

  add(name: string, hashes: Iterable<string>): void {
    const banned = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, banned);
    for (const hash of hashes) banned.add(hash);
  }

  /** Whether anything was dropped under this name. */
  concern(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Whether one of these is banned: what a view selects, or what that lies in. */
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

/** Empty for a value without a canonical form. */
export function hashesOfValue(decoded: Decoded<unknown>): readonly string[] {
  const canonical = canonicalContent(decoded);
  if (canonical === undefined) return [];
  const kind = canonical.structured ? "structure" : "text";
  return [`${kind} ${contentVersion({ kind: "value", bytes: canonical.bytes })}`];
}
