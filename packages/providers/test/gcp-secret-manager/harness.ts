import type { ConformanceHarness } from "@tacit/core/conformance";
import { conformanceHost } from "@tacit/core/conformance";
import { harnessOf } from "../store-fixture.ts";
import { denied } from "./double.ts";
import { openFixture } from "./fixture.ts";

/** Starts Secret Manager for the conformance cases. */
export async function gcpSecretManagerHarness(): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double } = fixture;
  const plain = double.checksum;
  return {
    ...harnessOf(fixture, {
      isRead: ({ path }) => path.endsWith(":access"),
      concerns: (path, request) => request.path.includes(`/secrets/${path}/`),
      denied: denied(),
      corrupted: { body: { name: "projects/1/secrets/other/versions/1", payload: {} } },
      throttled: { error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Quota exceeded" } },
    }),
    path: (label) => `conformance-${label}`,
    async put(path, payload) {
      if (payload.kind === "value") double.put(path, payload.bytes);
    },
    remove: async (path) => double.remove(path),
    async corrupt() {
      double.checksum = () => "1";
      return async () => {
        double.checksum = plain;
      };
    },
    credentials: () => double.tokens,
  };
}
