/** The secrets that were asked for last, newest last: the ones that `diagnose` can say something about. */
export class RecentPaths<T> {
  readonly #limit: number;
  /** key -> what is known of it */
  readonly #entries = new Map<string, T>();

  /** @param limit An application that makes names up must not fill the memory. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get values(): readonly T[] {
    return [...this.#entries.values()];
  }

  /** Key and what is known of it, newest last. */
  get entries(): readonly (readonly [string, T])[] {
    return [...this.#entries];
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  /** Adds or replaces an entry, which is then the newest; the oldest one goes where there are too many. */
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
