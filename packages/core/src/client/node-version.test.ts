import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { assertNodeVersion } from "./node-version.ts";

test.each(["22.13.0", "22.21.1", "24.0.0", "26.1.0-nightly"])("accepts %s", (version) => {
  expect(() => assertNodeVersion(version)).not.toThrow();
});

test.each(["20.20.2", "22.12.0", "18.0.0"])("refuses %s with a short message", (version) => {
  expect(() => assertNodeVersion(version)).toThrow(
    expect.objectContaining({
      code: "UNSUPPORTED",
      reason: "node-version",
      message: `Tacit needs Node 22.13 or later; this is ${version}`,
    }),
  );
});

test("requires the version of the manifests", () => {
  const packages = new URL("../../../", import.meta.url);
  const manifests = readdirSync(packages).map(
    (name) => JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), "utf8")) as Record<string, unknown>,
  );
  const published = manifests.filter((manifest) => manifest.private !== true);
  expect(published.map(({ engines }) => engines)).toEqual(published.map(() => ({ node: ">=22.13" })));
});
