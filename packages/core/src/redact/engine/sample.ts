/** Strides of 12, 4 and 1 begin anew in each slice, so it must be a multiple of them all; small enough for the first cache. */
const sliceLength = 16_380;
/** An n-gram that begins in one slice may end in the next, and so may the one after it. */
const overlap = 8;
const shared = Buffer.from(new ArrayBuffer(sliceLength + 2 * overlap));

/** What the low bytes of one slice of a text look like, in one buffer that all searches of a process share. */
interface Sample {
  readonly bytes: Uint8Array;
  /** Four characters at a time, in the byte order of this machine. */
  readonly words: Int32Array;
  /** How far the next slice is. */
  readonly sliceLength: number;
  /** Places where a filter has let something pass, as a scan notes them. */
  readonly hits: Int32Array;
  /** Places before which there may be a list of numbers. */
  readonly listEnds: Int32Array;
}

export const sample: Sample = {
  bytes: shared,
  words: new Int32Array(shared.buffer),
  sliceLength,
  hits: new Int32Array(sliceLength),
  listEnds: new Int32Array(sliceLength / 12),
};

/**
 * Copies the low byte of each character natively, from one place on: a loop over them would take ten times as long. Byte and
 * string indices agree for any text, as upper bytes are cut off; who finds something compares the text itself.
 * Returns how many characters were copied.
 */
export function takeSample(text: string, from: number): number {
  if (from === 0 && text.length <= sliceLength) return shared.write(text, "latin1");
  return shared.write(text.slice(from, from + sliceLength + overlap), "latin1");
}

const oneWord = new Int32Array(1);
const itsBytes = new Uint8Array(oneWord.buffer);

/** The low bytes of four units as the number that `sample.words` would hold. */
export function nGramOf(first: number, second: number, third: number, fourth: number): number {
  itsBytes[0] = first;
  itsBytes[1] = second;
  itsBytes[2] = third;
  itsBytes[3] = fourth;
  return oneWord[0] as number;
}

/** That number at any place of the sample. */
export function nGramAt(at: number): number {
  return nGramOf(shared[at] as number, shared[at + 1] as number, shared[at + 2] as number, shared[at + 3] as number);
}
