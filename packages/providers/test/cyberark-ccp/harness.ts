import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost } from "@tacit/core/conformance";
import { harnessOf } from "../store-fixture.ts";
import { failure, openFixture } from "./double.ts";

/** Starts a Central Credential Provider for the conformance cases. */
export async function cyberarkCcpHarness(): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double } = fixture;
  return {
    ...harnessOf(fixture, {
      concerns: (path, { query }) => query.Object === path,
      isRead: ({ query }) => query.Object !== "tacit-probe",
      denied: failure(403, "APPAP008E", "s3cret-fixture"),
      broken: failure(500, "APPAP282E", "Password is being changed [Object=s3cret-fixture]"),
      corrupted: failure(400, "APPAP227E", "Too many password objects matching query [Object=s3cret-fixture]"),
    }),
    path: (label) => `conformance-${label}`,
    put: async (path, payload) => {
      const fields = payload.kind === "fields" ? [...payload.fields] : [];
      // Member by member, as a key may be `__proto__`.
      const members = fields.map(
        ([key, bytes]) => `${JSON.stringify(key)}:${JSON.stringify(Buffer.from(bytes).toString())}`,
      );
      double.accounts.set(`Orders/${path}`, members.join(","));
    },
    remove: async (path) => void double.accounts.delete(`Orders/${path}`),
    async expireLogin(o = {}) {
      double.refusesLogins = o.refuse === true;
      return async () => {
        double.refusesLogins = false;
      };
    },
    ambiguousMissing: true,
    acceptsBytes: (bytes) => isUtf8(bytes) || "the web service answers text alone",
  };
}
