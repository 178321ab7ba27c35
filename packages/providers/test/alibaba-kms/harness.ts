import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost } from "@tacit/core/conformance";
import type { StoreRequest } from "../store-double.ts";
import { harnessOf } from "../store-fixture.ts";
import { kmsError } from "./double.ts";
import { openFixture } from "./fixture.ts";

/** Whether a request reads a secret. */
export function isRead({ headers }: StoreRequest): boolean {
  return headers["x-acs-action"] === "GetSecretValue";
}

/** Starts KMS for the conformance cases. */
export async function alibabaKmsHarness(): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double } = fixture;
  return {
    ...harnessOf(fixture, {
      isRead,
      concerns: (path, { query }) => query.SecretName === path,
      denied: kmsError(403, "Forbidden.NoPermission"),
      broken: kmsError(409, "Rejected.Disabled"),
      corrupted: { body: {} },
      throttled: { HttpStatus: 429, Code: "Rejected.Throttling", Message: "s3cret-fixture-of-a-message" },
    }),
    path: (label) => `conformance/${label}`,
    async put(path, payload) {
      if (payload.kind === "value")
        double.put(path, isUtf8(payload.bytes) ? Buffer.from(payload.bytes).toString() : payload.bytes);
    },
    remove: async (path) => double.remove(path),
    async corrupt(path) {
      double.override = (request) =>
        isRead(request) && request.query.SecretName === path
          ? { body: { SecretName: path, VersionId: "v", SecretData: "s3cret-fixture!", SecretDataType: "binary" } }
          : undefined;
      return async () => {
        double.override = () => undefined;
      };
    },
    credentials: () => double.tokens,
  };
}
