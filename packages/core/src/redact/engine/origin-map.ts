/** The numbers per piece: its first character in the new text, and its start and end in the original. */
const size = 3;
/** Replaces the end of a piece that was copied unchanged. */
const plain = -1;

/** Maps each character of a decoded text to its origin, piece by piece. */
export class OriginMap {
  /** The pieces in ascending order; one list, because most maps are never read. */
  readonly #pieces: number[] = [];

  /** Adds a piece, from a character on, that was copied from a position of the original. */
  addPlain(index: number, start: number): void {
    this.#pieces.push(index, start, plain);
  }

  /** Adds a piece, from a character on, that was decoded from one escape. */
  addEscape(index: number, start: number, end: number): void {
    this.#pieces.push(index, start, end);
  }

  /** Returns the start of a character, or of its escape, in the original. */
  startOf(index: number): number {
    const at = this.#pieceAt(index);
    const start = this.#pieces[at + 1] as number;
    return this.#pieces[at + 2] === plain ? start + index - (this.#pieces[at] as number) : start;
  }

  endOf(index: number): number {
    const end = this.#pieces[this.#pieceAt(index) + 2] as number;
    return end === plain ? this.startOf(index) + 1 : end;
  }

  /** Returns the index of the piece that contains a character. */
  #pieceAt(index: number): number {
    let low = 0;
    let high = this.#pieces.length / size;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#pieces[size * middle] as number) <= index) low = middle;
      else high = middle;
    }
    return size * low;
  }
}
