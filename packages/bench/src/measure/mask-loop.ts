/** What one text comes to. */
export type Mask = (text: string) => string;

/** Masks `count` texts round robin and throws when one of them comes out with another length than expected. */
export type MaskLoop = (count: number) => unknown;

/**
 * A loop with code of its own, for the reason that `syncReadLoop` gives. A text of several parts is joined each time, as a
 * logger does; reading a character of the result puts together what is only joined, as whoever writes it must.
 */
export function maskLoop(
  mask: Mask,
  texts: readonly (string | readonly string[])[],
  lengths: readonly number[],
): MaskLoop {
  const joined = typeof texts[0] !== "string";
  const source = `
    let at = 0;
    let taken = 0;
    return (count) => {
      let wrong = 0;
      for (let index = 0; index < count; index++) {
        ${joined ? 'let text = ""; for (const part of texts[at]) text += part;' : "const text = texts[at];"}
        const masked = mask(text);
        taken = (taken + masked.charCodeAt(masked.length >> 1)) | 0;
        if (masked.length !== lengths[at]) wrong++;
        if (++at === texts.length) at = 0;
      }
      if (wrong > 0) throw new Error(wrong + " texts came out wrong");
      return taken;
    };`;
  return new Function("mask", "texts", "lengths", source)(mask, texts, lengths) as MaskLoop;
}
