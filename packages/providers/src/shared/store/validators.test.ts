import { expect, test } from "vitest";
import { HttpAnswer } from "../http/answer.ts";
import { Validators } from "./validators.ts";

const label = { method: "GET", host: "store.example", template: "/" };

/** An answer with headers alone. */
function answer(headers: Readonly<Record<string, string>>): HttpAnswer {
  const toFailure = (): never => {
    throw new Error("no answer of this file fails");
  };
  return new HttpAnswer({ status: 200, headers, toFailure }, new Uint8Array(), label);
}

const tagged = { "if-none-match": '"1"' };
const [a, b] = [
  { path: "a", ifVersion: "1" },
  { path: "b", ifVersion: "1" },
];

test.each([
  ["where one answer held them all", [a, b], tagged],
  ["where another version of one is held", [a, { ...b, ifVersion: "0" }], {}],
  ["where one is not held", [a, { path: "b" }], {}],
  ["where one was never read, which comes last", [a, { path: "c", ifVersion: "1" }], {}],
  ["where one was never read, which comes first", [{ path: "c", ifVersion: "1" }, a], {}],
  ["where they come from two answers", [a, { path: "later", ifVersion: "1" }], {}],
  ["for nothing", [], {}],
])("the condition of a read for several paths, %s", (_where, requests, headers) => {
  const validators = new Validators();
  for (const path of ["a", "b"]) validators.remember(path, "1", answer({ etag: '"1"' }));
  validators.remember("later", "1", answer({ etag: '"2"' }));
  expect(validators.headersForAll(requests)).toEqual(headers);
});
