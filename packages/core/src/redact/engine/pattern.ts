import { isUtf8 } from "node:buffer";
import { canonicalBytes, canonicalForm } from "./canonical-view.ts";
import { escapeAt, openEscapeAt } from "./escape.ts";

/** One searched text or byte sequence. It contains only bytes, outside of the V8 heap, so that a heap snapshot shows no value. */
export interface Pattern {
  /** Assigned by the index that searches it. */
  id: number;
  /** The UTF-8 of a text, otherwise the bytes themselves. */
  readonly bytes: Uint8Array;
  /** The UTF-16LE of a text that is not ASCII. */
  readonly units: Uint8Array | undefined;
  /** Whether a text has only characters of Latin-1, so that each is one byte. */
  readonly isLatin1: boolean;
  /** The canonical view of a text; undefined if it equals the UTF-8 or is so short that it occurs by chance. */
  readonly canonical: Uint8Array | undefined;
  /** The canonical view with plus signs for spaces. */
  readonly formEncoded: Uint8Array | undefined;
  /** The JSON form of the text, if it differs; values are often encoded as JSON before they are encoded with other content. */
  readonly json: Uint8Array | undefined;
  /**
   * The variants for contexts in which the text around a value and its beginning or end form an escape, as a backslash before a
   * letter; and for contexts in which an apparent escape in it is none, because each of its characters is escaped.
   */
  readonly trimmed: readonly TrimmedVariant[];
  /** The numbers of characters at its edges that the canonical view drops, such as quotes. */
  readonly droppedBefore: number;
  readonly droppedAfter: number;
  /** Whether it is text, which may be printed in another case or in UTF-16. */
  readonly isText: boolean;
  /** Whether it is searched in every encoding; a line of a longer text is searched only unchanged and escaped. */
  readonly isWhole: boolean;
  /** Whether it is JSON whose leaves are searched separately. */
  readonly isDocument: boolean;
  /** Whether it matches only if no letter, digit or underscore adjoins it. */
  readonly isWord: boolean;
  /** Encoding -> length of that variant in units; set by the index. */
  lengths: readonly number[];
  /** Name -> number of its registrations; a retired pattern keeps its last name, with 0. */
  readonly names: Map<string, number>;
}

/** A pattern without its first or last characters, which form an escape with the text around them. */
export interface TrimmedVariant {
  readonly bytes: Uint8Array;
  readonly takenBefore: number;
  readonly takenAfter: number;
  /** The dropped characters of the rest, as for a whole pattern. */
  readonly droppedBefore: number;
  readonly droppedAfter: number;
}

/** The input of a pattern. */
export interface Part {
  readonly content: string | Uint8Array;
  readonly isWhole: boolean;
  readonly isDocument: boolean;
  readonly isWord: boolean;
}

/** The characters that may begin an escape. */
const introducers: readonly string[] = ["\\", "%", "&"];
/**
 * The maximum number of trimmed variants: one per introducer, one for the end, the combinations of both, and one without any
 * escape.
 */
export const mostTrimmed = 8;

/** The minimum length of a canonical variant; shorter ones would be found by chance. */
export const minCanonicalLength = 8;

/** Creates a pattern; the given bytes are copied. */
export function createPattern({ content, isWhole, isDocument, isWord }: Part): Pattern {
  const text = typeof content === "string" ? content : undefined;
  const bytes = offHeap(typeof content === "string" ? Buffer.from(content) : content);
  const isAscii = bytes.every((byte) => byte < 0x80);
  return {
    id: -1,
    bytes,
    units: text === undefined || isAscii ? undefined : offHeap(Buffer.from(text, "utf16le")),
    isLatin1: text !== undefined && !/[^\0-\xff]/.test(text),
    ...canonicalVariants(text, bytes),
    isText: text !== undefined || isUtf8(bytes),
    isWhole,
    isDocument,
    isWord,
    lengths: [],
    names: new Map(),
  };
}

function canonicalVariants(
  text: string | undefined,
  bytes: Uint8Array,
): Pick<Pattern, "canonical" | "formEncoded" | "json" | "trimmed" | "droppedBefore" | "droppedAfter"> {
  if (text === undefined)
    return {
      canonical: undefined,
      formEncoded: undefined,
      json: undefined,
      trimmed: [],
      droppedBefore: 0,
      droppedAfter: 0,
    };
  const { bytes: canonical, droppedBefore, droppedAfter } = canonicalForm(text);
  return {
    canonical: unlessAlike(canonical, bytes),
    formEncoded: text.includes(" ") ? unlessAlike(canonicalBytes(text.replaceAll(" ", "+")), canonical) : undefined,
    json: unlessAlike(Buffer.from(JSON.stringify(text).slice(1, -1)), bytes),
    trimmed: trimmedVariants(text),
    droppedBefore,
    droppedAfter,
  };
}

function trimmedVariants(text: string): readonly TrimmedVariant[] {
  const takenBefore = introducers.map((introducer) => {
    const { start, end } = escapeAt(introducer + text, 0);
    // A backslash does not change a character that needs no escape.
    const taken = text.slice(0, (start > 0 ? start : end) - 1);
    return /^\\*$/.test(taken) ? 0 : taken.length;
  });
  const takenAfter = [...new Set([0, text.length - openEscapeAt(text)])];
  const variants = [...new Set([0, ...takenBefore])].flatMap((before) =>
    takenAfter.map((after) => trimmedVariant(text, before, after)),
  );
  return [...variants, literalVariant(text)].filter((variant) => variant !== undefined);
}

/** Returns the variant in which no introducer begins an escape; a space after each one prevents that. */
function literalVariant(text: string): TrimmedVariant | undefined {
  const apart = text.replace(/[\\%&](?=.)/gs, "$& ");
  if (apart === text) return undefined;
  const { bytes, ...edges } = canonicalForm(apart);
  if (bytes.length < minCanonicalLength || Buffer.compare(bytes, canonicalBytes(text)) === 0) return undefined;
  return { bytes: offHeap(bytes), takenBefore: 0, takenAfter: 0, ...edges };
}

function trimmedVariant(text: string, takenBefore: number, takenAfter: number): TrimmedVariant | undefined {
  if (takenBefore + takenAfter === 0) return undefined;
  const rest = canonicalForm(text.slice(takenBefore, text.length - takenAfter));
  if (rest.bytes.length < minCanonicalLength) return undefined;
  return { ...rest, bytes: offHeap(rest.bytes), takenBefore, takenAfter };
}

function unlessAlike(variant: Uint8Array, other: Uint8Array): Uint8Array | undefined {
  return variant.length < minCanonicalLength || Buffer.compare(variant, other) === 0 ? undefined : offHeap(variant);
}

/** Returns all bytes that a pattern contains of its value. */
export function storedBytes(pattern: Pattern): readonly Uint8Array[] {
  const { bytes, units, canonical, formEncoded, json, trimmed } = pattern;
  const stored = [bytes, units, canonical, formEncoded, json, ...trimmed.map((rest) => rest.bytes)];
  return stored.filter((one) => one !== undefined);
}

/** Overwrites a pattern that is no longer searched. */
export function wipe(pattern: Pattern): void {
  for (const bytes of storedBytes(pattern)) bytes.fill(0);
}

/** Copies bytes to a separate ArrayBuffer, because small buffers of `Buffer.alloc` and `new Uint8Array(n)` are on the V8 heap. */
function offHeap(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
