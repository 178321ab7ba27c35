import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost } from "@tacit/core/conformance";
import { harnessOf } from "../store-fixture.ts";
import { bodyOf, openFixture } from "./double.ts";

/** Starts a store for the conformance cases whose answers are bytes, or JSON objects. */
export async function httpHarness(payload: "value" | "fields"): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double, file } = fixture;
  const harness = harnessOf(fixture, {
    concerns: (path, request) => request.path === `/v1/${path}`,
    isRead: ({ path }) => path.startsWith("/v1/") && !path.endsWith("tacit-probe"),
    denied: { status: 403, body: { error: "not for you" } },
    corrupted: { body: '["s3cret-fixture"]' },
  });
  return {
    ...harness,
    ...(payload === "value" && { corrupt: undefined }),
    options: () => ({ ...fixture.options, payload }),
    open: (o) => harness.open({ ...o, options: { payload, ...o?.options } }),
    path: (label) => `conformance/${label}`,
    put: async (path, content) => void double.bodies.set(path, bodyOf(content)),
    remove: async (path) => void double.bodies.delete(path),
    async expireLogin(o = {}) {
      double.expireLogins();
      if (o.refuse !== true) file("token", double.token);
      return async () => void file("token", double.token);
    },
    credentials: () => [double.token],
    ambiguousMissing: true,
    ...(payload === "fields" && { acceptsBytes: (bytes) => isUtf8(bytes) || "JSON holds text alone" }),
  } as ConformanceHarness;
}
