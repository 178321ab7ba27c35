import { type ConformanceHarness, openAdapter, providerConformance } from "@tacit/core/conformance";
import type { SecretPayload, Supports } from "@tacit/core/provider";
import { describe, test } from "vitest";
import { mapAdapter } from "./map-adapter.ts";

const secrets = new Map<string, SecretPayload>();
const adapter = mapAdapter(secrets);
const harness: ConformanceHarness = {
  adapter,
  lacks: ["check", "close"],
  options: () => ({}),
  open: (o) => openAdapter(adapter, { ...o?.options }, o?.host),
  path: (label) => `app/${label}`,
  put: async (path, payload) => void secrets.set(path, payload),
  remove: async (path) => void secrets.delete(path),
  close: async () => secrets.clear(),
};
const supports: Supports = {
  payload: "both",
  versions: false,
  subscribe: false,
  conditional: false,
  defaultPollMs: 1000,
};

describe("the map adapter", () => {
  for (const { id, title, skip, run } of providerConformance(harness, supports)) {
    test(`${id}: ${title}`, async (context) => (skip === undefined ? run() : context.skip(skip)));
  }
});
