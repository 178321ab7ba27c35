import { expect, test } from "vitest";
import { HttpAnswer } from "../http/answer.ts";
import { Validators } from "./validators.ts";

const label = { method: "GET", host: "store.example", template: "/" };

/** Returns a response with headers and no body. */
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
  ["which come from one response", [a, b], "app", tagged],
  ["of which one is held in another version", [a, { ...b, ifVersion: "0" }], "app", undefined],
  ["of which one is not held", [a, { path: "b" }], "app", undefined],
  ["of which the last was never read", [a, { path: "c", ifVersion: "1" }], "app", undefined],
  ["of which the first was never read", [{ path: "c", ifVersion: "1" }, a], "app", undefined],
  ["which come from two responses", [a, { path: "later", ifVersion: "1" }], "app", undefined],
  ["which were read with another login", [a, b], "other", undefined],
  ["of which there are none", [], "app", undefined],
])("the condition of a read of several paths, %s", (_where, requests, asker, headers) => {
  const validators = new Validators();
  const answered = { version: "1", asker: "app" };
  for (const path of ["a", "b"]) validators.remember(path, answered, answer({ etag: '"1"' }));
  validators.remember("later", answered, answer({ etag: '"2"' }));
  expect(validators.headersFor(requests, asker)).toEqual(headers);
});
