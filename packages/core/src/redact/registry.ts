import type { Clock } from "../time/clock.ts";
import { createNeedle, type Needle, type Part, wipe } from "./engine/needle.ts";
import type { NeedleIndex } from "./engine/needle-index.ts";

/** Old values stay in buffered lines, error objects and at the store; this many parts of them are remembered after their release. */
const maxRetired = 2_000;

/**
 * What is looked for, counted by reference. A part whose last registration is released retires: it stays until its grace period is
 * over or 2,000 younger ones have retired.
 */
export class Registry {
  readonly #index: NeedleIndex;
  readonly #graceMs: number;
  readonly #clock: Clock;
  /** hash -> needles of that hash; a hash, since a key made of the value would be the value */
  readonly #needles = new Map<number, Needle[]>();
  /** needle -> when it retired; oldest first */
  readonly #retired = new Map<Needle, number>();
  /** Needles that are looked for in every encoding; lines and the like are not counted. */
  #wholes = 0;

  constructor(index: NeedleIndex, graceMs: number, clock: Clock) {
    this.#index = index;
    this.#graceMs = graceMs;
    this.#clock = clock;
  }

  /** Registers parts under a name; the function returned releases them, once. */
  add(parts: Iterable<Part>, name: string): () => void {
    const added = Array.from(parts, (part) => this.#addOne(part, name));
    let isStanding = true;
    return () => {
      if (!isStanding) return;
      isStanding = false;
      for (const needle of added) this.#release(needle, name);
      this.forgetExpired();
    };
  }

  counts(): { readonly values: number; readonly retired: number } {
    const retired = [...this.#retired.keys()].filter(({ isWhole }) => isWhole).length;
    return { values: this.#wholes - retired, retired };
  }

  /** Lets go of what has been retired for the whole grace period. */
  forgetExpired(): void {
    if (this.#graceMs === Number.POSITIVE_INFINITY && this.#retired.size <= maxRetired) return;
    const until = this.#clock.monotonic() - this.#graceMs;
    for (const [needle, retiredAt] of this.#retired) {
      if (retiredAt > until && this.#retired.size <= maxRetired) return;
      this.#forget(needle);
    }
  }

  #addOne(part: Part, name: string): Needle {
    const made = createNeedle(part);
    const hash = hashOf(made);
    const alike = this.#needles.get(hash) ?? [];
    let needle = alike.find((candidate) => isSame(candidate, made));
    if (needle === undefined) {
      needle = made;
      this.#needles.set(hash, [...alike, needle]);
      this.#index.add(needle);
      if (needle.isWhole) this.#wholes++;
    } else wipe(made);
    if (this.#retired.delete(needle)) needle.names.clear();
    needle.names.set(name, (needle.names.get(name) ?? 0) + 1);
    return needle;
  }

  #release(needle: Needle, name: string): void {
    const standing = (needle.names.get(name) ?? 1) - 1;
    if (standing > 0 || needle.names.size === 1) needle.names.set(name, standing);
    else needle.names.delete(name);
    if (standing > 0 || needle.names.size > 1 || !needle.names.has(name)) return;
    this.#retired.set(needle, this.#clock.monotonic());
  }

  #forget(needle: Needle): void {
    this.#retired.delete(needle);
    if (needle.isWhole) this.#wholes--;
    this.#index.remove(needle);
    const hash = hashOf(needle);
    const others = this.#needles.get(hash)?.filter((other) => other !== needle) ?? [];
    if (others.length === 0) this.#needles.delete(hash);
    else this.#needles.set(hash, others);
    wipe(needle);
  }
}

function isSame(a: Needle, b: Needle): boolean {
  return (
    a.isWhole === b.isWhole &&
    a.isDocument === b.isDocument &&
    a.isWord === b.isWord &&
    Buffer.compare(a.bytes, b.bytes) === 0 &&
    Buffer.compare(a.units ?? a.bytes, b.units ?? b.bytes) === 0
  );
}

/** FNV-1a; nothing depends on its quality but the length of the lists. */
function hashOf({ bytes }: Needle): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
