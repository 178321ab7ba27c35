import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost, openAdapter } from "@tacit/core/conformance";
import { awsSecretsManager } from "../../src/aws-secrets-manager/index.ts";
import { openAwsSecretsManagerProvider } from "../../src/aws-secrets-manager/provider.ts";
import { awsError } from "../aws-double.ts";
import { type AwsFixture, openAwsFixture } from "../aws-fixture.ts";
import { faultsOf } from "../http-double.ts";
import { DoubleSecretsManager } from "./store.ts";

/** A fixture, and the secrets in it. */
export interface SecretsManagerFixture extends AwsFixture {
  readonly store: DoubleSecretsManager;
}

/** Starts a Secrets Manager. */
export async function openSecretsManagerFixture(
  members: Parameters<typeof openAwsFixture>[2] = {},
): Promise<SecretsManagerFixture> {
  const fixture = await openAwsFixture(awsSecretsManager, openAwsSecretsManagerProvider, members);
  const store = new DoubleSecretsManager(() => fixture.host.clock.now());
  fixture.double.services.set("secretsmanager", store.actions);
  return { ...fixture, store };
}

/** Starts a Secrets Manager for the conformance cases. */
export async function secretsManagerHarness(): Promise<ConformanceHarness> {
  const fixture = await openSecretsManagerFixture({ clock: conformanceHost().clock });
  const { double, store, adapter } = fixture;
  const faults = faultsOf(double, {
    concerns: () => true,
    denied: {},
    corrupted: {},
    throttled: awsError("ThrottlingException", "Rate exceeded").body,
  });
  return {
    adapter,
    lacks: ["check"],
    options: () => fixture.options,
    open: (o) => openAdapter(adapter, { ...fixture.options, ...o?.options }, o?.host),
    path: (label) => `conformance/${label}`,
    async put(path, payload) {
      const bytes = payload.kind === "value" ? payload.bytes : new Uint8Array();
      store.put(path, isUtf8(bytes) ? Buffer.from(bytes).toString() : bytes);
    },
    async remove(path) {
      store.secrets.delete(path);
    },
    ...faults,
    async deny(path) {
      store.refused.set(path, ["AccessDeniedException", `User: s3cret-fixture is not authorized on ${path}`]);
      return async () => void store.refused.delete(path);
    },
    async corrupt(path) {
      store.corrupt.add(path);
      return async () => void store.corrupt.delete(path);
    },
    reads: () => double.count("GetSecretValue", "BatchGetSecretValue"),
    credentials: () => double.made,
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
}
