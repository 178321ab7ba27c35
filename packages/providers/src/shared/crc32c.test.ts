import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

// The first is the check value of the polynomial; 32 bytes of 0, of 255, and from 0 to 31 are the examples of RFC 3720, B.4.
test.each([
  ["123456789", Buffer.from("123456789"), 3_808_858_755],
  ["nothing", new Uint8Array(), 0],
  ["hunter2", Buffer.from("hunter2"), 1_736_498_283],
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["0 to 31", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
])("the CRC-32C of %s", (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});
