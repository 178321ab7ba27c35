import { expect, test } from "vitest";
import { networkFailure } from "./network-failure.ts";

const label = { method: "GET", host: "store.example", template: "/x" };

test.each([
  ["Node", Object.assign(new Error("s3cret-fixture"), { code: "ERR_ACCESS_DENIED" })],
  ["Deno", Object.assign(new Error("s3cret-fixture"), { name: "NotCapable" })],
])("a denial by the permissions of %s is reported as such", (_runtime, denial) => {
  const error = networkFailure(label, denial);
  expect(error).toMatchObject({
    code: "UNAVAILABLE",
    reason: "unreachable",
    tip: expect.stringContaining("--allow-net"),
  });
  expect(error.message).toContain("the permissions of the runtime deny it");
  expect(error.message).not.toContain("s3cret-fixture");
});
