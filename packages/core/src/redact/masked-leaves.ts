import { isUtf8 } from "node:buffer";
import { innerValues } from "./inner-values.ts";
import { leavesOf } from "./leaves.ts";
import { isNoSecret, type Masks, maskOf } from "./mask-policy.ts";

/** A text or byte sequence in a value, and its mask. */
export interface MaskedLeaf {
  readonly leaf: string | Uint8Array;
  readonly masks: Masks;
  /** Whether it is probably not secret: a number, or a part of a member whose name shows that it is not secret. */
  readonly isCandidate: boolean;
}

/**
 * Returns every leaf of a value with its mask. The mask of a member applies to everything in it. Of a member whose name shows
 * that it is not secret, only possible secrets inside of it are returned, such as the password in a URL.
 */
export function* maskedLeavesOf(value: unknown, masks: Masks): Generator<MaskedLeaf> {
  for (const { member, key, leaf, isNumber } of leavesOf(value)) {
    const isExplicit = member === undefined || maskOf(masks) !== "auto" || hasMaskFor(masks, member);
    if (isExplicit || key === undefined || !isNoSecret(key))
      yield { leaf, masks: member === undefined ? masks : maskOf(masks, member), isCandidate: isNumber };
    else for (const inner of innerValues(textOf(leaf))) yield { leaf: inner, masks: "auto", isCandidate: true };
  }
}

function hasMaskFor(masks: Masks, member: string): boolean {
  return typeof masks !== "string" && Object.hasOwn(masks, member);
}

/** Nothing if it is no text. */
function textOf(leaf: string | Uint8Array): string {
  if (typeof leaf === "string") return leaf;
  return isUtf8(leaf) ? Buffer.from(leaf).toString() : "";
}
