import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost } from "@tacit/core/conformance";
import { harnessOf } from "../store-fixture.ts";
import { openFixture, refusal } from "./double.ts";

/** Starts a Doppler for the conformance cases. */
export async function dopplerHarness(): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double, file } = fixture;
  const { deny: _whoMayReadOneMayReadAll, ...harness } = harnessOf(fixture, {
    concerns: (_path, request) => request.path.endsWith("/download"),
    isRead: ({ path }) => path.endsWith("/download"),
    denied: refusal(403, "You do not have access"),
    corrupted: {},
    throttled: { messages: ["Too many requests"], success: false },
  });
  return {
    ...harness,
    path: (label) => `CONFORMANCE_${label.toUpperCase().replaceAll("-", "_")}`,
    put: async (path, payload) => {
      if (payload.kind === "value") double.secrets.set(path, Buffer.from(payload.bytes).toString());
    },
    remove: async (path) => void double.secrets.delete(path),
    async expireLogin(o = {}) {
      double.expireLogins();
      if (o.refuse !== true) file("token", double.token);
      return async () => void file("token", double.token);
    },
    credentials: () => [double.token],
    async corrupt(path) {
      const value = double.secrets.get(path) ?? "";
      double.secrets.set(path, "s3cret-fixture\ud800");
      return async () => void double.secrets.set(path, value);
    },
    acceptsBytes: (bytes) => isUtf8(bytes) || "Doppler holds text alone",
  };
}
