import { expect, test } from "vitest";
import { SecretError } from "../packages/core/src/error/secret-error.ts";
import { departures } from "./checked-messages.ts";
import { messageFaults, toldIn } from "./message-style.ts";
import { publishedFiles, readSourceTree } from "./source-tree.ts";

test.each([
  ["the value is empty", undefined],
  ['"db" does not exist', "Create it."],
  ["Vault is sealed", "Unseal it, or ask (see `vault status`)."],
  ['`ref` of "db": the reference is empty', "`ref` is text."],
  ["2 problems keep the secrets from being ready:\n  - One.", undefined],
  ["an SDK is not installed", "npm install @azure/identity@4"],
  ["a store.example answered", 'Bind it: { verbs: ["get"] }'],
])("%j with the tip %j is of the one style", (message, tip) => {
  expect(messageFaults({ message, tip })).toEqual([]);
});

test.each([
  ["The value is empty", undefined],
  ["A value is empty", undefined],
  ["Reading failed", undefined],
  ["the value is empty.", undefined],
  ["it failed", "create it."],
  ["it failed", "Create it"],
])("%j with the tip %j is not", (message, tip) => {
  expect(messageFaults({ message, tip })).toHaveLength(1);
});

test("every SecretError that a test makes is looked at", () => {
  new SecretError("INTERNAL", "The value is empty.", { tip: "look" });
  expect(departures.size).toBe(4);
  departures.clear();
});

test("so is every message and tip that is written out in the sources, of findings and warnings too", () => {
  const told = publishedFiles(readSourceTree()).flatMap(toldIn);
  expect(told.length).toBeGreaterThan(100);
  expect(told.flatMap(messageFaults)).toEqual([]);
});
