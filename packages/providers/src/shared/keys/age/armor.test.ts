import { armor } from "age-encryption";
import fc from "fast-check";
import { expect, test } from "vitest";
import { testFiles } from "../../../../test/age/vectors.ts";
import { decodeArmor } from "./armor.ts";

test("decodes what age-encryption encodes, of any length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = armor.encode(bytes);
      expect(decodeArmor(Buffer.from(text))).toEqual(Buffer.from(bytes));
      expect(decodeArmor(Buffer.from(`\t\n ${text.replaceAll("\n", "\r\n")}\n \n`))).toEqual(Buffer.from(bytes));
    }),
  );
});

test("decodes exactly what age-encryption decodes", () => {
  const file = testFiles.x25519;
  const pieces = fc.constantFrom(
    "",
    "\n",
    "\r",
    "\r\n",
    "=",
    "==",
    "A",
    "-",
    "_",
    "AAAA",
    "\0",
    "é",
    " ",
    file.slice(0, 35),
  );
  fc.assert(
    fc.property(fc.nat(file.length), fc.nat(3), pieces, (at, dropped, piece) => {
      const changed = file.slice(0, at) + piece + file.slice(at + dropped);
      let expected: Buffer | undefined;
      try {
        expected = Buffer.from(armor.decode(changed));
      } catch {
        expected = undefined;
      }
      expect(decodeArmor(Buffer.from(changed, "latin1")), JSON.stringify(changed)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});
