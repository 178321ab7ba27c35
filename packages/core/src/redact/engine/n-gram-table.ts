/** The numbers of a slot: an n-gram, and its first entry; 0 if the slot was never used, -1 if the chain is empty now. */
const slotSize = 2;
/** The numbers of an entry: a variant, an offset in it, the n-gram after that one, and the next entry. */
const entrySize = 4;
/**
 * The numbers that only additions and removals need: the n-gram, the previous entry in its chain, and the next entry of the
 * same owner.
 */
const linkSize = 3;
const fullest = 0.7;
/** The variant of a removed entry. */
const gone = -1;

/**
 * N-gram -> its positions in variants. Open addressing, with a chain of entries for each n-gram. The numbers of one slot, and
 * those of one entry, are adjacent, because a memory access outside of the cache costs more than everything else here.
 */
export class NGramTable {
  #slots = new Int32Array(slotSize * 16);
  #usedSlots = 0;
  #standingSlots = 0;
  /** Entry 0 is the end of a chain. */
  #entries = new Int32Array(entrySize * 16);
  #links = new Int32Array(linkSize * 16);
  /** Owner -> its last entry; 0 if there is none. */
  #owned = new Int32Array(16);
  #entryCount = 1;
  #free = 0;
  #size = 0;

  /** The number of entries. */
  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    return this.#slots.byteLength + this.#entries.byteLength + this.#links.byteLength + this.#owned.byteLength;
  }

  /** Returns the first entry of an n-gram; 0 if there is none. */
  first(nGram: number): number {
    return Math.max(0, this.#slots[this.#slotOf(nGram) + 1] as number);
  }

  variantOf(entry: number): number {
    return this.#entries[entrySize * entry] as number;
  }

  offsetOf(entry: number): number {
    return this.#entries[entrySize * entry + 1] as number;
  }

  followingOf(entry: number): number {
    return this.#entries[entrySize * entry + 2] as number;
  }

  /** Returns the next entry in a chain; 0 at the end. */
  next(entry: number): number {
    return this.#entries[entrySize * entry + 3] as number;
  }

  /**
   * Adds a position.
   * @param owner a small number, by which all its entries are removed
   */
  add(owner: number, nGram: number, variant: number, offset: number, following: number): void {
    const slot = this.#slotFor(nGram);
    const entry = this.#allocate();
    const first = this.#slots[slot + 1] as number;
    if (first <= 0) this.#standingSlots++;
    else this.#links[linkSize * first + 1] = entry;
    const entries = this.#entries;
    const at = entrySize * entry;
    entries[at] = variant;
    entries[at + 1] = offset;
    entries[at + 2] = following;
    entries[at + 3] = Math.max(0, first);
    this.#slots[slot + 1] = entry;
    this.#size++;
    if (owner >= this.#owned.length) this.#owned = longer(this.#owned, 2 * owner);
    const link = linkSize * entry;
    this.#links[link] = nGram;
    this.#links[link + 1] = 0;
    this.#links[link + 2] = this.#owned[owner] as number;
    this.#owned[owner] = entry;
  }

  /** Removes all entries of an owner, in a time that does not depend on others; returns their number. */
  remove(owner: number): number {
    let count = 0;
    for (let entry = this.#owned[owner] ?? 0; entry !== 0; count++) {
      const link = linkSize * entry;
      this.#unchain(entry, this.#links[link] as number, this.#links[link + 1] as number);
      this.#entries[entrySize * entry] = gone;
      this.#entries[entrySize * entry + 3] = this.#free;
      this.#free = entry;
      entry = this.#links[link + 2] as number;
    }
    if (count > 0) this.#owned[owner] = 0;
    this.#size -= count;
    return count;
  }

  #unchain(entry: number, nGram: number, before: number): void {
    const after = this.next(entry);
    if (after !== 0) this.#links[linkSize * after + 1] = before;
    if (before !== 0) {
      this.#entries[entrySize * before + 3] = after;
      return;
    }
    this.#slots[this.#slotOf(nGram) + 1] = after === 0 ? -1 : after;
    if (after === 0) this.#standingSlots--;
  }

  /** Calls `visit` for each entry, with its n-gram and the one after that, in the order of memory. */
  eachEntry(visit: (nGram: number, following: number) => void): void {
    const entries = this.#entries;
    for (let entry = 1; entry < this.#entryCount; entry++) {
      if (entries[entrySize * entry] !== gone) visit(this.#links[linkSize * entry] as number, this.followingOf(entry));
    }
  }

  /** Returns the position of the slot of an n-gram, or of the unused slot for it. */
  #slotOf(nGram: number): number {
    const slots = this.#slots;
    const mask = slots.length - slotSize;
    let slot = (slotSize * hashOf(nGram)) & mask;
    while (slots[slot + 1] !== 0 && slots[slot] !== nGram) slot = (slot + slotSize) & mask;
    return slot;
  }

  #slotFor(nGram: number): number {
    const slot = this.#slotOf(nGram);
    if (this.#slots[slot + 1] !== 0) return slot;
    if (slotSize * this.#usedSlots >= fullest * this.#slots.length) {
      this.#rehash();
      return this.#slotFor(nGram);
    }
    this.#usedSlots++;
    this.#slots[slot] = nGram;
    this.#slots[slot + 1] = -1;
    return slot;
  }

  /** Doubles the table, or only removes the slots of empty chains if there are many. */
  #rehash(): void {
    const old = this.#slots;
    const isCrowded = slotSize * this.#standingSlots > (fullest / 2) * old.length;
    const slots = new Int32Array(isCrowded ? 2 * old.length : old.length);
    const mask = slots.length - slotSize;
    for (let slot = 0; slot < old.length; slot += slotSize) {
      const first = old[slot + 1] as number;
      if (first <= 0) continue;
      const nGram = old[slot] as number;
      let to = (slotSize * hashOf(nGram)) & mask;
      while (slots[to + 1] !== 0) to = (to + slotSize) & mask;
      slots[to] = nGram;
      slots[to + 1] = first;
    }
    this.#slots = slots;
    this.#usedSlots = this.#standingSlots;
  }

  #allocate(): number {
    if (this.#free !== 0) {
      const entry = this.#free;
      this.#free = this.next(entry);
      return entry;
    }
    if (entrySize * this.#entryCount === this.#entries.length) {
      const count = Math.ceil(1.5 * this.#entryCount);
      this.#entries = longer(this.#entries, entrySize * count);
      this.#links = longer(this.#links, linkSize * count);
    }
    return this.#entryCount++;
  }
}

function longer(numbers: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(numbers);
  return copy;
}

/** The filter uses the upper bits of the same product, so these are mixed once more. */
function hashOf(nGram: number): number {
  const product = Math.imul(nGram, 0x9e3779b1);
  return product ^ (product >>> 15);
}
