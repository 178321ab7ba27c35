import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { mayUseNamespaces, runInPrivateNetwork } from "./private-network.ts";

const hosts = ["orders.vault.azure.net", "login.microsoftonline.com", "management.azure.com"];

describe.skipIf(!mayUseNamespaces())("the official client of Key Vault and this one", () => {
  let seen: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    seen = await runInPrivateNetwork(join(import.meta.dirname, "azure.process.ts"), hosts);
  });

  test("read the same secret, by client secret and workload identity; this one by a certificate, too", () => {
    expect(seen).toMatchObject({
      both: ["second", "second", "second", "second"],
      previous: "first",
      version: "second",
      certificate: "second",
      disabled: "PERMISSION_DENIED version-disabled",
    });
  });

  test("send no token to a host that demands one of another resource, and ask for none", () => {
    expect(seen.foreign).toEqual(["UNAUTHENTICATED challenge", true, 0]);
  });

  test("answer a demand for claims with another token, once", () => {
    expect(seen.claims).toEqual(["third", 1, "second"]);
  });

  test("need one token for 50 first reads at once", () => {
    expect(seen.concurrent).toEqual([50, 1]);
  });

  test("tell an outage of Entra, a limit and a refusal apart, and recover", () => {
    expect(seen).toMatchObject({
      outage: "UNAVAILABLE cloud-identity",
      throttled: "THROTTLED cloud-identity",
      refused: "UNAUTHENTICATED cloud-identity",
      recovered: "second",
      refusedConnection: "UNAVAILABLE connection-refused",
    });
  });

  test("ask the vault and Entra alone", () => {
    expect(seen.hosts).toEqual(["login.microsoftonline.com", "orders.vault.azure.net"]);
  });
});
