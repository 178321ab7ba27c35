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
  ["where one answer held them all", [a, b], "app", tagged],
  ["where another version of one is held", [a, { ...b, ifVersion: "0" }], "app", undefined],
  ["where one is not held", [a, { path: "b" }], "app", undefined],
  ["where one was never read, which comes last", [a, { path: "c", ifVersion: "1" }], "app", undefined],
  ["where one was never read, which comes first", [{ path: "c", ifVersion: "1" }, a], "app", undefined],
  ["where they come from two answers", [a, { path: "later", ifVersion: "1" }], "app", undefined],
  ["where they were answered to another login", [a, b], "other", undefined],
  ["for nothing", [], "app", undefined],
])("the condition of a read for several paths, %s", (_where, requests, asker, headers) => {
  const validators = new Validators();
  const answered = { version: "1", asker: "app" };
  for (const path of ["a", "b"]) validators.remember(path, answered, answer({ etag: '"1"' }));
  validators.remember("later", answered, answer({ etag: '"2"' }));
  expect(validators.headersFor(requests, asker)).toEqual(headers);
});
