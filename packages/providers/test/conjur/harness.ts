import { type ConformanceHarness, conformanceHost } from "@tacit/core/conformance";
import { harnessOf } from "../store-fixture.ts";
import { openFixture } from "./double.ts";

/** Starts a Conjur for the conformance cases. */
export async function conjurHarness(): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double } = fixture;
  // Any bytes are a value.
  const { corrupt: _none, ...harness } = harnessOf(fixture, {
    concerns: (path, request) => double.idsOf(request)?.includes(path) === true,
    isRead: (request) => double.idsOf(request) !== undefined,
    denied: { status: 403 },
    corrupted: {},
  });
  return {
    ...harness,
    path: (label) => `conformance/${label}`,
    put: async (path, payload) => {
      if (payload.kind === "value") double.variables.set(path, Buffer.from(payload.bytes));
    },
    remove: async (path) => void double.variables.delete(path),
    credentials: () => [double.apiKey, ...double.tokens.keys()],
    ambiguousMissing: true,
    acceptsBytes: (bytes) => bytes.byteLength > 0 || "Conjur holds no empty value",
  };
}
