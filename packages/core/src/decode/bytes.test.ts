import { describe, expect, test } from "vitest";
import { read, refusal } from "../../test/decoding.ts";
import { bytes } from "./bytes.ts";

describe("bytes", () => {
  test("reads every byte, untrimmed", async () => {
    const raw = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(await read(bytes(), raw)).toEqual(Buffer.from(raw));
    expect(await read(bytes(), "line\n")).toEqual(Buffer.from("line\n"));
    expect(await read(bytes(), " ")).toEqual(Buffer.from(" "));
  });

  test("refuses an empty value unless it is allowed", async () => {
    expect((await refusal(bytes(), "")).reason).toBe("empty");
    expect(await read(bytes({ allowEmpty: true }), "")).toHaveLength(0);
    expect((await refusal(bytes(), { a: "1" })).reason).toBe("fields-not-value");
  });
});
