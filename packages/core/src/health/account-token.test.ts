import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { accountTokenFindings } from "./account-token.ts";

const mounted = fileURLToPath(import.meta.url);

test("a mounted token that no provider uses is a finding", () => {
  expect(accountTokenFindings([false, false], mounted)).toEqual([
    expect.objectContaining({ level: "warning", code: "service-account-token" }),
  ]);
});

test.each<[string, readonly (boolean | undefined)[]]>([
  ["one of them uses it", [false, true]],
  ["one of them does not say", [false, undefined]],
  ["there are none", []],
])("it is none where %s", (_when, uses) => {
  expect(accountTokenFindings(uses, mounted)).toEqual([]);
});

test("it is none where no token is mounted", () => {
  expect(accountTokenFindings([false], `${mounted}.absent`)).toEqual([]);
});
