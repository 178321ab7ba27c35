/** The most recently read paths with an entry each, oldest first; the least recent entry is removed when the limit is exceeded. */
export class RecentPaths<T> {
  readonly #limit: number;
  /** key -> entry, in the order in which they were last added */
  readonly #entries = new Map<string, T>();

  /** @param limit bounds the memory for an application that generates names */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get values(): readonly T[] {
    return [...this.#entries.values()];
  }

  /** Pairs of key and entry, newest last. */
  get entries(): readonly (readonly [string, T])[] {
    return [...this.#entries];
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  /** Adds or replaces an entry, which becomes the newest; removes the oldest entry if there are more than the limit. */
  add(key: string, entry: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const oldest = this.#entries.size > this.#limit ? this.#entries.keys().next() : undefined;
    if (oldest?.done === false) this.#entries.delete(oldest.value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
