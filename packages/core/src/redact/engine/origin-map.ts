/** Numbers of one piece: its first character in the new text, where it begins in the original, and where it ends there. */
const size = 3;
/** In the place of its end: the piece was taken over as it is. */
const plain = -1;

/** Where each character of a text came from that was made of another one, piece by piece. */
export class OriginMap {
  /** Pieces one after the other, in ascending order; one list, since most maps are made and never asked. */
  readonly #pieces: number[] = [];

  /** From this character on the text goes on as the original does from a place. */
  addPlain(index: number, start: number): void {
    this.#pieces.push(index, start, plain);
  }

  /** From this character on the text stands for one escape. */
  addEscape(index: number, start: number, end: number): void {
    this.#pieces.push(index, start, end);
  }

  /** Where in the original a character begins, or the escape that it is part of. */
  startOf(index: number): number {
    const at = this.#pieceAt(index);
    const start = this.#pieces[at + 1] as number;
    return this.#pieces[at + 2] === plain ? start + index - (this.#pieces[at] as number) : start;
  }

  endOf(index: number): number {
    const end = this.#pieces[this.#pieceAt(index) + 2] as number;
    return end === plain ? this.startOf(index) + 1 : end;
  }

  /** Where the last piece stands that does not begin after a character. */
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
