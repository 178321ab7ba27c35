/**
 * What a service would write itself: one regular expression of every value as it is, in base64 at each of the three
 * alignments, and in hex; the longest first.
 */
export function alternationOf(values: readonly string[]): RegExp {
  const forms = [...new Set(values.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return new RegExp(forms.map(escaped).join("|"), "g");
}

/** What it puts in the place of a value. */
export const alternationMarker = "[REDACTED]";

function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString("hex");
  const encoded = [0, 1, 2].flatMap((before) => [
    base64Part(bytes, before, "base64"),
    base64Part(bytes, before, "base64url"),
  ]);
  return [value, hex, hex.toUpperCase(), ...encoded];
}

/** The characters that these bytes alone determine when others stand before and after them. */
function base64Part(bytes: Buffer, before: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding);
  return text.slice(Math.ceil((8 * before) / 6), Math.floor((8 * (before + bytes.length)) / 6));
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
