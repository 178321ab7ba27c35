import { conformanceHost } from "@tacit/core/conformance";
import { expect, test } from "vitest";
import { rejection } from "../../../test/store-fixture.ts";
import { StoreApi } from "./store-api.ts";
import { connectionLogin } from "./store-login.ts";

test("an abort ends a conditional read while its certificate is being read", async () => {
  const host = { ...conformanceHost(), credential: () => new Promise<Uint8Array>(() => undefined) };
  const source = { $secret: "pki/app" };
  const api = new StoreApi(
    {
      store: "the store",
      url: "https://127.0.0.1:1",
      options: { tls: { certificate: source, key: source, verify: true }, allowInsecureHttp: false },
      login: () => connectionLogin,
      meaningOf: () => undefined,
      saysMissing: () => false,
    },
    host,
  );
  const controller = new AbortController();
  const reading = rejection(api.findChanged({ path: "/db" }, [{ path: "db" }], controller));
  const reason = new Error("nobody waits");
  controller.abort(reason);
  expect(await reading).toBe(reason);
  await api.close();
});
