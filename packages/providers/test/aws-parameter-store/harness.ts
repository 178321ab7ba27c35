import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost, openAdapter } from "@tacit/core/conformance";
import { awsParameterStore } from "../../src/aws-parameter-store/index.ts";
import { openAwsParameterStoreProvider } from "../../src/aws-parameter-store/provider.ts";
import { awsError } from "../aws-double.ts";
import { type AwsFixture, openAwsFixture } from "../aws-fixture.ts";
import { faultsOf } from "../http-double.ts";
import { DoubleParameterStore } from "./store.ts";

/** A fixture, and the parameters in it. */
export interface ParameterStoreFixture extends AwsFixture {
  readonly store: DoubleParameterStore;
}

/** Starts a Parameter Store. */
export async function openParameterStoreFixture(
  members: Parameters<typeof openAwsFixture>[2] = {},
): Promise<ParameterStoreFixture> {
  const fixture = await openAwsFixture(awsParameterStore, openAwsParameterStoreProvider, members);
  const store = new DoubleParameterStore(() => fixture.host.clock.now());
  fixture.double.services.set("AmazonSSM", store.actions);
  return { ...fixture, store };
}

/** Starts a Parameter Store for the conformance cases. */
export async function parameterStoreHarness(layout: "value" | "hierarchy"): Promise<ConformanceHarness> {
  const fixture = await openParameterStoreFixture({ clock: conformanceHost().clock });
  const { double, store, adapter } = fixture;
  const options = { ...fixture.options, layout };
  const remove = (path: string): void => {
    for (const name of store.parameters.keys())
      if (name === `/${path}` || name.startsWith(`/${path}/`)) store.parameters.delete(name);
  };
  const first = (path: string): string =>
    [...store.parameters.keys()].find((name) => name === `/${path}` || name.startsWith(`/${path}/`)) ?? "";
  return {
    adapter,
    lacks: ["check"],
    options: () => options,
    open: (o) => openAdapter(adapter, { ...options, ...o?.options }, o?.host),
    path: (label) => `conformance/${label}`,
    async put(path, payload) {
      if (payload.kind === "value") return store.put(`/${path}`, Buffer.from(payload.bytes).toString());
      remove(path);
      for (const [key, bytes] of payload.fields) store.put(`/${path}/${key}`, Buffer.from(bytes).toString());
    },
    remove: async (path) => remove(path),
    ...faultsOf(double, {
      concerns: () => true,
      denied: {},
      corrupted: {},
      throttled: awsError("ThrottlingException", "Rate exceeded").body,
    }),
    async deny(path) {
      store.denied.add(`/${path}`);
      return async () => void store.denied.delete(`/${path}`);
    },
    async corrupt(path) {
      const name = first(path);
      store.corrupt.add(name);
      return async () => void store.corrupt.delete(name);
    },
    reads: () => double.requests.length,
    credentials: () => double.made,
    acceptsBytes: (bytes) => {
      if (bytes.byteLength === 0) return "a parameter is never empty";
      return isUtf8(bytes) || "a parameter is text";
    },
    acceptsField: (key) => /^[\w./-]+$/.test(key) || "a name has no such character",
    // Each field is a parameter of its own.
    ...(layout === "hierarchy" && { piecemeal: true as const }),
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
}
