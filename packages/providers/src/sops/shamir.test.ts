import { describe, expect, test } from "vitest";
import { joinShares } from "./shamir.ts";

/** Shares of the byte 0x2a by the polynomial 0x2a + 0x53 x: y, then x. */
const shares = [
  [0x79, 1],
  [0x8c, 2],
  [0xdf, 3],
].map((share) => Uint8Array.from(share));

describe("shares", () => {
  test.each([
    [0, 1],
    [2, 0],
    [1, 2],
  ])("%d and %d give the secret", (one, other) => {
    expect(joinShares([shares[one], shares[other]] as Uint8Array[])).toEqual(Uint8Array.of(0x2a));
  });

  test("three give it as well", () => expect(joinShares(shares)).toEqual(Uint8Array.of(0x2a)));

  test.each([
    ["one twice", [shares[0], shares[0]]],
    ["unequal lengths", [shares[0], Uint8Array.of(1, 2, 3)]],
    ["an x of zero", [shares[0], Uint8Array.of(1, 0)]],
    ["nothing", []],
    ["no bytes", [Uint8Array.of(1), Uint8Array.of(2)]],
  ])("%s gives nothing", (_title, bad) => expect(joinShares(bad as Uint8Array[])).toBeUndefined());
});
