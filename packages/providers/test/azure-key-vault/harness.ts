import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost } from "@tacit/core/conformance";
import { harnessOf } from "../store-fixture.ts";
import { vaultError } from "./double.ts";
import { openFixture } from "./fixture.ts";

/** Starts a vault for the conformance cases. */
export async function azureKeyVaultHarness(): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double } = fixture;
  return {
    ...harnessOf(fixture, {
      isRead: ({ path }) => path.startsWith("/secrets/"),
      concerns: (path, request) => request.path.split("/")[2] === path,
      denied: vaultError(403, "Forbidden", "ForbiddenByRbac"),
      corrupted: { body: {} },
      throttled: { error: { code: "Throttled", message: "s3cret-fixture-of-a-message" } },
    }),
    path: (label) => `conformance-${label}`,
    async put(path, payload) {
      if (payload.kind === "value") double.put(path, Buffer.from(payload.bytes).toString());
    },
    remove: async (path) => double.remove(path),
    async corrupt(path) {
      double.put(path, "s3cret-fixture!", { contentType: "application/x-pkcs12" });
      return async () => double.withdraw(path);
    },
    credentials: () => double.entra.tokens,
    acceptsBytes: (bytes) => isUtf8(bytes) || "Key Vault keeps text alone",
  };
}
