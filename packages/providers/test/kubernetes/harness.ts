import { type ConformanceHarness, openAdapter } from "@tacit/core/conformance";
import type { SecretPayload } from "@tacit/core/provider";
import { faultsOf } from "../http-double.ts";
import { statusAnswer } from "./api-double.ts";
import { openFixture, podNamespace } from "./fixture.ts";

/** Starts an API server and mounts a service account for the conformance cases. */
export async function kubernetesHarness(): Promise<ConformanceHarness> {
  const fixture = await openFixture();
  const { api, adapter, tokens } = fixture;
  return {
    adapter,
    options: () => ({}),
    open: (o) => openAdapter(adapter, { ...o?.options }, o?.host),
    path: (label) => `conformance-${label}`,
    put: async (path, payload) => void api.store.put(podNamespace, path, { fields: fieldsOf(payload) }),
    remove: async (path) => api.store.remove(podNamespace, path),
    ...faultsOf(api, {
      concerns: (path, { name }) => name === path,
      denied: statusAnswer(403, "Forbidden"),
      broken: statusAnswer(500, "InternalError"),
      corrupted: { body: { kind: "Secret", metadata: {} } },
    }),
    async deny(path) {
      api.allows = ({ name }) => name !== path;
      return async () => {
        api.allows = () => true;
      };
    },
    async expireLogin(o) {
      const token = fixture.issue();
      if (o?.refuse !== true) fixture.publish(token);
      return async () => fixture.publish(token);
    },
    async corrupt(path) {
      const before = api.store.get(podNamespace, path);
      api.store.put(podNamespace, path, { raw: { password: "s3cret-fixture!" } });
      return async () => void api.store.put(podNamespace, path, { raw: before?.data });
    },
    reads: () => api.reads,
    credentials: () => tokens,
    acceptsField: (key) =>
      /^[-._a-zA-Z0-9]+$/.test(key) || "a Secret's keys are letters, digits, dashes, dots and underscores",
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
}

function fieldsOf(payload: SecretPayload): Readonly<Record<string, Uint8Array>> {
  return payload.kind === "fields" ? Object.fromEntries(payload.fields) : { value: payload.bytes };
}
