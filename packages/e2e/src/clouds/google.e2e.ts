import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { mayUseNamespaces, runInPrivateNetwork } from "./private-network.ts";

const hosts = [
  "secretmanager.googleapis.com",
  "secretmanager.europe-west3.rep.googleapis.com",
  "sts.googleapis.com",
  "oauth2.googleapis.com",
  // Nobody may ask these.
  "cloudresourcemanager.googleapis.com",
  "metadata.google.internal",
];

describe.skipIf(!mayUseNamespaces())("the official client of Secret Manager and this one", () => {
  let seen: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    seen = await runInPrivateNetwork(join(import.meta.dirname, "google.process.ts"), hosts);
  });

  test("read the same versions, by number, alias and as the latest", () => {
    expect(seen).toMatchObject({
      both: ["second", "second", "first", "first"],
      alias: ["first", "first"],
      movedAlias: ["second", "second"],
      regional: "third",
    });
  });

  test("agree that a latest version which is disabled or destroyed gives no value", () => {
    expect(seen).toMatchObject({
      disabled: ["foreign 9", "PERMISSION_DENIED version-disabled"],
      destroyed: ["foreign 9", "NOT_FOUND"],
    });
  });

  test("differ on a payload that does not fit its checksum: only this one refuses it", () => {
    expect(seen.checksum).toEqual(["changed", "INVALID_VALUE checksum"]);
  });

  test("log in by a federation whose token is renewed, or by a key, at Google's own address alone", () => {
    expect(seen).toMatchObject({ renewed: "third", key: "third" });
    expect(seen.hosts).toEqual([
      "oauth2.googleapis.com",
      "secretmanager.europe-west3.rep.googleapis.com",
      "secretmanager.googleapis.com",
      "sts.googleapis.com",
    ]);
  });

  test("tell a refusal, an outage and a limit apart, and recover", () => {
    expect(seen).toMatchObject({
      refused: "UNAUTHENTICATED cloud-identity",
      outage: "UNAVAILABLE cloud-identity",
      throttled: "THROTTLED",
      recovered: "third",
    });
  });
});
