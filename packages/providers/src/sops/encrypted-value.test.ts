import { describe, expect, test } from "vitest";
import { decryptValue } from "./encrypted-value.ts";

const dataKey = Uint8Array.from({ length: 32 }, (_, index) => index);
const iv = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

function opened(data: string, tag: string, type: string, boundTo: string): string | undefined {
  const leaf = decryptValue(`ENC[AES256_GCM,data:${data},iv:${iv},tag:${tag},type:${type}]`, dataKey, boundTo);
  return leaf && Buffer.from(leaf.bytes).toString();
}

describe("values under a fixed key, made by another program", () => {
  test.each([
    ["dqWcIeM=", "5QN9aXsHzLUrAeGNsIR/2w==", "str", "db:user:", "admin"],
    ["IvXCeg==", "V9MnkmrN1izrcP8HMMt18Q==", "int", "db:port:", "5432"],
    ["bw==", "4mraU0NthwQnhuUYTKuaeA==", "str", "hosts:", "x"],
  ])("%s", (data, tag, type, boundTo, plain) => {
    expect(opened(data, tag, type, boundTo)).toBe(plain);
    expect(opened(data, tag, type, "other:")).toBeUndefined();
    expect(opened(data, tag, "bool", boundTo)).toBeUndefined();
    expect(opened(data, tag, "strange", boundTo)).toBeUndefined();
  });
});

test("a value of a megabyte is read", () => {
  expect(opened("AAAA".repeat(350_000), "4mraU0NthwQnhuUYTKuaeA==", "str", "x:")).toBeUndefined();
});
