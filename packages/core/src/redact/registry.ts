import type { Clock } from "../time/clock.ts";
import { createPattern, type Part, type Pattern, wipe } from "./engine/pattern.ts";
import type { PatternIndex } from "./engine/pattern-index.ts";

/**
 * The maximum number of retired parts. Released values remain in buffered lines, in error objects and at the store, so they
 * stay masked.
 */
const maxRetired = 2_000;

/**
 * The registered parts of values, with reference counts. A part whose last registration was released retires: it stays until
 * its grace period has passed or 2,000 newer ones have retired.
 */
export class Registry {
  readonly #index: PatternIndex;
  readonly #graceMs: number;
  readonly #clock: Clock;
  /** Hash -> its patterns; a key with the value itself would expose the value. */
  readonly #patterns = new Map<number, Pattern[]>();
  /** Pattern -> the time of its retirement; oldest first. */
  readonly #retired = new Map<Pattern, number>();
  /** The number of patterns that are searched in every encoding; lines and the like are not counted. */
  #wholes = 0;

  constructor(index: PatternIndex, graceMs: number, clock: Clock) {
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
      for (const pattern of added) this.#release(pattern, name);
      this.forgetExpired();
    };
  }

  counts(): { readonly values: number; readonly retired: number } {
    const retired = [...this.#retired.keys()].filter(({ isWhole }) => isWhole).length;
    return { values: this.#wholes - retired, retired };
  }

  /** Removes the parts whose grace period has passed. */
  forgetExpired(): void {
    if (this.#graceMs === Number.POSITIVE_INFINITY && this.#retired.size <= maxRetired) return;
    const until = this.#clock.monotonic() - this.#graceMs;
    for (const [pattern, retiredAt] of this.#retired) {
      if (retiredAt > until && this.#retired.size <= maxRetired) return;
      this.#forget(pattern);
    }
  }

  #addOne(part: Part, name: string): Pattern {
    const made = createPattern(part);
    const hash = hashOf(made);
    const alike = this.#patterns.get(hash) ?? [];
    let pattern = alike.find((candidate) => isSame(candidate, made));
    if (pattern === undefined) {
      pattern = made;
      this.#patterns.set(hash, [...alike, pattern]);
      this.#index.add(pattern);
      if (pattern.isWhole) this.#wholes++;
    } else wipe(made);
    if (this.#retired.delete(pattern)) pattern.names.clear();
    pattern.names.set(name, (pattern.names.get(name) ?? 0) + 1);
    return pattern;
  }

  #release(pattern: Pattern, name: string): void {
    const standing = (pattern.names.get(name) ?? 1) - 1;
    if (standing > 0 || pattern.names.size === 1) pattern.names.set(name, standing);
    else pattern.names.delete(name);
    if (standing > 0 || pattern.names.size > 1 || !pattern.names.has(name)) return;
    this.#retired.set(pattern, this.#clock.monotonic());
  }

  #forget(pattern: Pattern): void {
    this.#retired.delete(pattern);
    if (pattern.isWhole) this.#wholes--;
    this.#index.remove(pattern);
    const hash = hashOf(pattern);
    const others = this.#patterns.get(hash)?.filter((other) => other !== pattern) ?? [];
    if (others.length === 0) this.#patterns.delete(hash);
    else this.#patterns.set(hash, others);
    wipe(pattern);
  }
}

function isSame(a: Pattern, b: Pattern): boolean {
  return (
    a.isWhole === b.isWhole &&
    a.isDocument === b.isDocument &&
    a.isWord === b.isWord &&
    Buffer.compare(a.bytes, b.bytes) === 0 &&
    Buffer.compare(a.units ?? a.bytes, b.units ?? b.bytes) === 0
  );
}

/** Returns an FNV-1a hash; its quality affects only the length of the lists. */
function hashOf({ bytes }: Pattern): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
