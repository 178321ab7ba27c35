import { describe, expect, test } from "vitest";
import { floatText } from "../tree.ts";
import { plainScalar } from "./yaml-scalar.ts";

describe("plain scalars as the parser of SOPS reads them", () => {
  test.each([
    ["", "null", ""],
    ["~", "null", ""],
    ["TRUE", "bool", "True"],
    ["yes", "str", "yes"],
    ["12", "int", "12"],
    ["-0x1F", "int", "-31"],
    ["0777", "int", "511"],
    ["0o17", "int", "15"],
    ["0b101", "int", "5"],
    ["1_000", "int", "1000"],
    ["089", "float", "89"],
    ["1.50", "float", "1.5"],
    ["6.02e23", "float", "602000000000000000000000"],
    [".5", "float", "0.5"],
    ["-.inf", "float", "-Inf"],
    [".NaN", "float", "NaN"],
    ["2001-12-14", "time", "2001-12-14T00:00:00Z"],
    ["2001-12-14t21:59:43.10-05:00", "time", "2001-12-14T21:59:43.1-05:00"],
    ["2001-13-14", "str", "2001-13-14"],
    ["2001-02-30", "str", "2001-02-30"],
    ["2004-2-29", "time", "2004-02-29T00:00:00Z"],
    ["1.2.3", "str", "1.2.3"],
    ["0x", "str", "0x"],
    ["12e", "str", "12e"],
    ["1e400", "str", "1e400"],
    ["-1e400", "str", "-1e400"],
  ])("%j", (source, type, bytes) => {
    const leaf = plainScalar(source);
    expect([leaf?.type, Buffer.from(leaf?.bytes ?? []).toString()]).toEqual([type, bytes]);
  });

  test("an integer of 64 bits without a sign is none", () => {
    expect(plainScalar("9223372036854775807")?.type).toBe("int");
    expect(plainScalar("9223372036854775808")).toBeUndefined();
  });
});

test.each([
  [1e21, "1000000000000000000000"],
  [1.5e-7, "0.00000015"],
  [123.456, "123.456"],
  [-0, "-0"],
  [5e-324, `0.${"0".repeat(323)}5`],
  [0.1, "0.1"],
  [100, "100"],
])("%d is written without an exponent", (value, text) => {
  expect(floatText(value)).toBe(text);
  expect(Number(floatText(value))).toBe(value);
});
