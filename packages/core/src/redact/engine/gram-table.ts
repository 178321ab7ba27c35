/** gram -> the places of forms where it stands. Open addressing in typed arrays, with a chain of entries per gram. */
export class GramTable {
  #grams = new Int32Array(16);
  /** slot -> first entry; 0: the slot was never used, -1: its chain is empty now */
  #heads = new Int32Array(16);
  #usedSlots = 0;
  /** entry -> the form and the offset in it; entry 0 stands for the end of a chain */
  #forms = new Int32Array(16);
  #offsets = new Int32Array(16);
  #next = new Int32Array(16);
  #entries = 1;
  #free = 0;
  #size = 0;

  /** Entries that stand. */
  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    return 8 * this.#heads.length + 12 * this.#next.length;
  }

  /** The first entry of a gram; 0 if there is none. */
  first(gram: number): number {
    const head = this.#heads[this.#slotOf(gram)] as number;
    return Math.max(head, 0);
  }

  /** The entry after one; 0 at the end. */
  next(entry: number): number {
    return this.#next[entry] as number;
  }

  formOf(entry: number): number {
    return this.#forms[entry] as number;
  }

  offsetOf(entry: number): number {
    return this.#offsets[entry] as number;
  }

  /** Length of a gram's chain, up to a most. */
  count(gram: number, most: number): number {
    let count = 0;
    for (let entry = this.first(gram); entry !== 0 && count < most; entry = this.next(entry)) count++;
    return count;
  }

  add(gram: number, form: number, offset: number): void {
    const slot = this.#slotFor(gram);
    const entry = this.#allocate();
    this.#forms[entry] = form;
    this.#offsets[entry] = offset;
    const head = this.#heads[slot] as number;
    this.#next[entry] = Math.max(head, 0);
    this.#heads[slot] = entry;
    this.#size++;
  }

  /** Removes one place; tells whether it was there. */
  remove(gram: number, form: number, offset: number): boolean {
    const slot = this.#slotOf(gram);
    let before = 0;
    for (let entry = this.first(gram); entry !== 0; before = entry, entry = this.next(entry)) {
      if (this.#forms[entry] !== form || this.#offsets[entry] !== offset) continue;
      const after = this.#next[entry] as number;
      if (before === 0) this.#heads[slot] = after === 0 ? -1 : after;
      else this.#next[before] = after;
      this.#next[entry] = this.#free;
      this.#free = entry;
      this.#size--;
      return true;
    }
    return false;
  }

  *grams(): Generator<number> {
    for (let slot = 0; slot < this.#heads.length; slot++) {
      if ((this.#heads[slot] as number) > 0) yield this.#grams[slot] as number;
    }
  }

  /** The slot of a gram, or the unused one where it would go. */
  #slotOf(gram: number): number {
    const mask = this.#heads.length - 1;
    let slot = hashOf(gram) & mask;
    while (this.#heads[slot] !== 0 && this.#grams[slot] !== gram) slot = (slot + 1) & mask;
    return slot;
  }

  #slotFor(gram: number): number {
    const slot = this.#slotOf(gram);
    if (this.#heads[slot] !== 0) return slot;
    if (this.#usedSlots >= 0.7 * this.#heads.length) {
      this.#rehash();
      return this.#slotFor(gram);
    }
    this.#usedSlots++;
    this.#grams[slot] = gram;
    this.#heads[slot] = -1;
    return slot;
  }

  /** Doubles the table, or only drops the slots of empty chains if those are many. */
  #rehash(): void {
    const [grams, heads] = [this.#grams, this.#heads];
    const standing = heads.reduce((count, head) => (head > 0 ? count + 1 : count), 0);
    const length = standing > 0.35 * heads.length ? 2 * heads.length : heads.length;
    this.#grams = new Int32Array(length);
    this.#heads = new Int32Array(length);
    this.#usedSlots = standing;
    for (const [old, head] of heads.entries()) {
      if (head <= 0) continue;
      const slot = this.#slotOf(grams[old] as number);
      this.#grams[slot] = grams[old] as number;
      this.#heads[slot] = head;
    }
  }

  #allocate(): number {
    if (this.#free !== 0) {
      const entry = this.#free;
      this.#free = this.#next[entry] as number;
      return entry;
    }
    if (this.#entries === this.#next.length) {
      this.#forms = grown(this.#forms);
      this.#offsets = grown(this.#offsets);
      this.#next = grown(this.#next);
    }
    return this.#entries++;
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(Math.ceil(1.5 * array.length));
  longer.set(array);
  return longer;
}

/** The filter takes the upper bits of the same product, so these are mixed once more. */
function hashOf(gram: number): number {
  const product = Math.imul(gram, 0x9e3779b1);
  return product ^ (product >>> 15);
}
