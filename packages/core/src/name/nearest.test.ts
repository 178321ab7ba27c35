import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["pasword", ["username", "password"], "password"],
  ["usernmae", ["username", "password"], "username"],
  ["Password", ["password"], "password"],
  ["password", ["passphrase", "passwords"], "passwords"],
  ["db", ["db"], undefined],
  ["stripe", ["username", "password"], undefined],
  ["x", ["y"], "y"],
  ["x".repeat(65), ["x".repeat(64)], undefined],
  ["", ["a"], undefined],
  ["path", ["root", "watch", "settle"], undefined],
  ["poll", ["optional", "pollInterval"], "pollInterval"],
  ["poll", ["pollInterval", "pollTimeout"], undefined],
  ["po", ["pollInterval"], undefined],
])("the nearest of %j among %j is %j", (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});

test("prefers the first of equally near candidates", () => {
  expect(nearest("port", ["port1", "port2"])).toBe("port1");
});
