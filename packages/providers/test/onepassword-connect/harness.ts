import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost } from "@tacit/core/conformance";
import { harnessOf } from "../store-fixture.ts";
import { failure, openFixture } from "./double.ts";

/** Starts a Connect server for the conformance cases. */
export async function onepasswordConnectHarness(): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double, file } = fixture;
  const idOf = (path: string): string | undefined => double.items.find(({ title }) => title === path)?.id;
  return {
    ...harnessOf(fixture, {
      concerns: (title, { path }) => path.endsWith(`/items/${idOf(title)}`),
      isRead: ({ path }) => path.includes("/items"),
      denied: failure(403, "vault is not in scope"),
      corrupted: {},
    }),
    // An item with a label twice, which 1Password takes.
    async corrupt(title) {
      const former = double.items.find((item) => item.title === title)?.fields ?? [];
      double.put(
        title,
        ["a", "b"].map((value) => ({ label: "s3cret-fixture", value })),
      );
      return async () => void double.put(title, former);
    },
    path: (label) => `conformance-${label}`,
    put: async (path, payload) => {
      const fields = payload.kind === "fields" ? [...payload.fields] : [];
      double.put(
        path,
        fields.map(([label, bytes]) => ({ label, value: Buffer.from(bytes).toString() })),
      );
    },
    remove: async (path) => double.remove(path),
    async expireLogin(o = {}) {
      double.expireLogins();
      if (o.refuse !== true) file("token", double.token);
      return async () => void file("token", double.token);
    },
    credentials: () => [double.token],
    acceptsBytes: (bytes) => (isUtf8(bytes) && bytes.byteLength > 0) || "an item holds text, and no empty one",
  };
}
