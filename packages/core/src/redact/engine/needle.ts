import { isUtf8 } from "node:buffer";
import { canonicalBytes } from "./canonical-view.ts";

/** One text or run of bytes that is looked for. It holds bytes alone, off the V8 heap, so that a heap snapshot shows no value. */
export interface Needle {
  /** Given by the index that looks for it. */
  id: number;
  /** UTF-8 of a text, otherwise the bytes themselves. */
  readonly bytes: Uint8Array;
  /** UTF-16LE of a text that is not all ASCII. */
  readonly units: Uint8Array | undefined;
  /** What the canonical view makes of a text, where that is neither its UTF-8 nor too short to be told from chance. */
  readonly canonical: Uint8Array | undefined;
  /** Whether it is text, which may be printed in another case or in UTF-16. */
  readonly isText: boolean;
  /** Whether it is looked for in every encoding, or only as it is and escaped: a line of a longer text. */
  readonly isWhole: boolean;
  /** Whether it is JSON whose leaves are looked for on their own. */
  readonly isDocument: boolean;
  /** Whether it counts only where no letter, digit or underscore adjoins it. */
  readonly isWord: boolean;
  /** encoding -> units of that form; made by the index */
  lengths: readonly number[];
  /** name -> registrations that stand; of a retired needle the last name, with none */
  readonly names: Map<string, number>;
}

/** What a needle is made from. */
export interface Part {
  readonly content: string | Uint8Array;
  readonly isWhole: boolean;
  readonly isDocument: boolean;
  readonly isWord: boolean;
}

/** A canonical form below this would be found by chance. */
export const minCanonicalLength = 8;

/** Makes a needle; the bytes given are copied. */
export function createNeedle({ content, isWhole, isDocument, isWord }: Part): Needle {
  const text = typeof content === "string" ? content : undefined;
  const bytes = offHeap(typeof content === "string" ? Buffer.from(content) : content);
  const isText = text !== undefined || isUtf8(bytes);
  const canonical = text === undefined ? undefined : canonicalBytes(text);
  const isAscii = bytes.every((byte) => byte < 0x80);
  return {
    id: -1,
    bytes,
    units: text === undefined || isAscii ? undefined : offHeap(Buffer.from(text, "utf16le")),
    canonical:
      canonical === undefined || canonical.length < minCanonicalLength || Buffer.compare(canonical, bytes) === 0
        ? undefined
        : offHeap(canonical),
    isText,
    isWhole,
    isDocument,
    isWord,
    lengths: [],
    names: new Map(),
  };
}

/** Overwrites what is no longer looked for. */
export function wipe(needle: Needle): void {
  needle.bytes.fill(0);
  needle.units?.fill(0);
  needle.canonical?.fill(0);
}

/** Small buffers of `Buffer.alloc` and `new Uint8Array(n)` lie on the heap; those of an ArrayBuffer do not. */
function offHeap(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
