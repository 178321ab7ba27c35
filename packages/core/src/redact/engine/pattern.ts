import { isUtf8 } from "node:buffer";
import { canonicalBytes, canonicalForm } from "./canonical-view.ts";
import { escapeAt, openEscapeAt } from "./escape.ts";

/** One text or run of bytes that is looked for. It holds bytes alone, off the V8 heap, so that a heap snapshot shows no value. */
export interface Pattern {
  /** Given by the index that looks for it. */
  id: number;
  /** UTF-8 of a text, otherwise the bytes themselves. */
  readonly bytes: Uint8Array;
  /** UTF-16LE of a text that is not all ASCII. */
  readonly units: Uint8Array | undefined;
  /** Whether each character of a text is one of Latin-1, and so one byte. */
  readonly isLatin1: boolean;
  /** What the canonical view makes of a text, where that is neither its UTF-8 nor too short to be told from chance. */
  readonly canonical: Uint8Array | undefined;
  /** The same where its spaces are plus signs. */
  readonly formEncoded: Uint8Array | undefined;
  /** As JSON writes it, where that is something else: what is encoded with other things is often JSON first. */
  readonly json: Uint8Array | undefined;
  /**
   * What is left of it where the text around it makes an escape of its beginning or end, as a backslash does with a letter; and where
   * what looks like an escape in it is none, as each of its characters is written with one of its own.
   */
  readonly trimmed: readonly TrimmedVariant[];
  /** Quotes and the like at its edges, which the canonical view drops. */
  readonly droppedBefore: number;
  readonly droppedAfter: number;
  /** Whether it is text, which may be printed in another case or in UTF-16. */
  readonly isText: boolean;
  /** Whether it is looked for in every encoding, or only as it is and escaped: a line of a longer text. */
  readonly isWhole: boolean;
  /** Whether it is JSON whose leaves are looked for on their own. */
  readonly isDocument: boolean;
  /** Whether it counts only where no letter, digit or underscore adjoins it. */
  readonly isWord: boolean;
  /** encoding -> units of that variant; made by the index */
  lengths: readonly number[];
  /** name -> registrations that stand; of a retired pattern the last name, with none */
  readonly names: Map<string, number>;
}

/** A pattern without its first or last characters, which are part of an escape with what stands beside them. */
export interface TrimmedVariant {
  readonly bytes: Uint8Array;
  readonly takenBefore: number;
  readonly takenAfter: number;
  /** As of the whole pattern, but of the rest. */
  readonly droppedBefore: number;
  readonly droppedAfter: number;
}

/** What a pattern is made from. */
export interface Part {
  readonly content: string | Uint8Array;
  readonly isWhole: boolean;
  readonly isDocument: boolean;
  readonly isWord: boolean;
}

/** What may begin an escape. */
const introducers: readonly string[] = ["\\", "%", "&"];
/** One for each introducer, one for the end, the former with the latter, and one for all that stands for itself. */
export const mostTrimmed = 8;

/** A canonical variant below this would be found by chance. */
export const minCanonicalLength = 8;

/** Makes a pattern; the bytes given are copied. */
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
    // A plain character after a backslash stays what it is, also where that backslash is an escape of the first characters.
    const taken = text.slice(0, (start > 0 ? start : end) - 1);
    return /^\\*$/.test(taken) ? 0 : taken.length;
  });
  const takenAfter = [...new Set([0, text.length - openEscapeAt(text)])];
  const variants = [...new Set([0, ...takenBefore])].flatMap((before) =>
    takenAfter.map((after) => trimmedVariant(text, before, after)),
  );
  return [...variants, literalVariant(text)].filter((variant) => variant !== undefined);
}

/** A blank after each introducer keeps it from being one. */
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

/** All that a pattern holds of its value. */
export function storedBytes(pattern: Pattern): readonly Uint8Array[] {
  const { bytes, units, canonical, formEncoded, json, trimmed } = pattern;
  const stored = [bytes, units, canonical, formEncoded, json, ...trimmed.map((rest) => rest.bytes)];
  return stored.filter((one) => one !== undefined);
}

/** Overwrites what is no longer looked for. */
export function wipe(pattern: Pattern): void {
  for (const bytes of storedBytes(pattern)) bytes.fill(0);
}

/** Small buffers of `Buffer.alloc` and `new Uint8Array(n)` lie on the heap; those of an ArrayBuffer do not. */
function offHeap(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
