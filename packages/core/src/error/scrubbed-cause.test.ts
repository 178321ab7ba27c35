import { expect, test } from "vitest";
import { SecretError } from "./secret-error.ts";

function scrubbed(foreign: object): Record<string, unknown> {
  const error = new SecretError("INTERNAL", "failed", {
    cause: Object.assign(new Error("quotes s3cret-fixture-1"), foreign),
  });
  return error.cause as Record<string, unknown>;
}

test.each(["ECONNRESET", "ERR_HTTP2_STREAM_ERROR", "AccessDenied", "28P01"])("keeps the code %s", (code) => {
  expect(scrubbed({ code }).code).toBe(code);
});

test("keeps status and request id, and rebuilds a system error's message", () => {
  const requestId = "0b7c2f8e-4d1a-4c5e-9f0e-2a6b1c3d4e5f";
  expect(scrubbed({ status: 403, requestId })).toMatchObject({ status: 403, requestId, message: "(message withheld)" });
  expect(scrubbed({ code: "ENOENT", syscall: "open" }).message).toBe("ENOENT in open");
});

test.each(["code", "name", "syscall", "requestId"])("drops a %s that could be a token", (key) => {
  const cause = scrubbed({ [key]: "hvs.s3cret-fixture-2" });
  expect(`${cause.message}${cause.stack}${JSON.stringify(cause)}${cause[key]}`).not.toContain("s3cret-fixture");
});
