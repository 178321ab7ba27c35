/** What a file of SOPS holds, in its order: on that the MAC depends. */
export type SopsNode = SopsMap | SopsList | SopsLeaf;

/** A map; the order of its items is that of the file. */
export interface SopsMap extends Commented {
  readonly kind: "map";
  readonly items: readonly { readonly key: string; readonly value: SopsNode }[];
}

/** A list. A comment in one is an item of its own, which `type:comment` tells. */
export interface SopsList extends Commented {
  readonly kind: "list";
  readonly items: readonly SopsNode[];
}

/** The types that SOPS tells apart. */
export type LeafType = "str" | "bytes" | "int" | "float" | "bool" | "time" | "null" | "comment";

/** One value; `bytes` are what the MAC is made of. */
export interface SopsLeaf extends Commented {
  readonly kind: "leaf";
  readonly type: LeafType;
  readonly bytes: Uint8Array;
}

/** Whether a comment that the rule of the file asks for may stand at it. Read only where that decides something. */
interface Commented {
  readonly isCommented?: boolean;
}

/** Tells whether the rule of a file asks for a comment, which is given without the sign before it. */
export type CommentTest = (comment: string) => boolean;

/** Makes a leaf of text. */
export function leafOf(type: LeafType, text: string): SopsLeaf {
  return { kind: "leaf", type, bytes: Buffer.from(text) };
}

/** Bounds the work for one file; each leaf is decrypted. */
export const mostLeaves = 10_000;

/**
 * Returns a number as Go's `FormatFloat(value, 'f', -1, 64)` writes it: the shortest digits that read back the same, never an exponent.
 * @see https://pkg.go.dev/strconv#FormatFloat
 */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
