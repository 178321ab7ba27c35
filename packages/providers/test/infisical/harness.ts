import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost } from "@tacit/core/conformance";
import { harnessOf } from "../store-fixture.ts";
import { failure, openFixture } from "./double.ts";

/** Starts an Infisical for the conformance cases, with dynamic secrets or without. */
export async function infisicalHarness(projectSlug?: string): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  if (projectSlug !== undefined) fixture.options.projectSlug = projectSlug;
  const { double } = fixture;
  return {
    ...harnessOf(fixture, {
      concerns: (path, request) => request.path.endsWith(`/raw/${path.split("/").pop()}`),
      isRead: ({ path }) => /\/(secrets|dynamic-secrets)\//.test(path),
      denied: failure(403, "PermissionDenied", "You are not allowed to read s3cret-fixture"),
      corrupted: {
        body: `{"secret":{"secretKey":"a","secretValue":"s3cret-fixture\\ud800","version":1}}`,
      },
      throttled: { statusCode: 429, error: "RateLimitExceeded", message: "Rate limit exceeded" },
    }),
    path: (label) => `conformance/${label}`,
    put: async (path, payload) => {
      if (payload.kind !== "value") return;
      const versions = double.secrets.get(`/${path}`) ?? [];
      double.secrets.set(`/${path}`, [...versions, Buffer.from(payload.bytes).toString()]);
    },
    remove: async (path) => void double.secrets.delete(`/${path}`),
    async leasePath(label) {
      double.dynamic.set(`/conformance/${label}`, 60_000);
      return `dynamic/conformance/${label}`;
    },
    expireLease: async ({ id }) => void double.leases.delete(id.replace(/^.*#/, "")),
    credentials: () => ["s3cret-fixture-id", "s3cret-fixture-secret", ...double.tokens],
    payloads: ["value"],
    acceptsBytes: (bytes) => isUtf8(bytes) || "Infisical holds text alone",
  };
}
