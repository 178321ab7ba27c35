import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { mayUseNamespaces, runInPrivateNetwork } from "./private-network.ts";

const hosts = [
  "kms.eu-central-1.aliyuncs.com",
  "kst-fixture.cryptoservice.kms.aliyuncs.com",
  "sts.aliyuncs.com",
  "kms.aliyuncs.com",
];

describe.skipIf(!mayUseNamespaces())("the official client of Alibaba Cloud and this one", () => {
  let seen: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    seen = await runInPrivateNetwork(join(import.meta.dirname, "alibaba.process.ts"), hosts);
  });

  test("sign calls that the same verifier takes, and read the same versions", () => {
    expect(seen).toMatchObject({
      current: ["second", "second"],
      previous: ["first", "first"],
      missing: ["foreign Forbidden.ResourceNotFound", "NOT_FOUND"],
      wrongKey: "UNAUTHENTICATED login-refused",
      instance: "second",
    });
  });

  test("the role of a pod is good as soon as it can be, after a login that failed", () => {
    expect(seen.pod).toEqual(["UNAUTHENTICATED cloud-identity", "second"]);
  });

  test("an outage ends", () => {
    expect(seen).toMatchObject({ outage: "UNAVAILABLE server-error", recovered: "second" });
  });

  test("nothing but KMS and STS is asked", () => {
    expect(seen.hosts).toEqual(hosts.slice(0, 3));
  });
});
