import { inspect } from "node:util";
import type { Finding } from "@tacit/core/provider";
import { describe, expect, test } from "vitest";
import { forever, type KubernetesFixture, openFixture, podNamespace, read } from "../../test/kubernetes/fixture.ts";

/** Returns the findings after reads of some paths, as `level code`. */
async function findings(
  fixture: KubernetesFixture,
  paths: readonly string[] = [],
  options: Record<string, unknown> = {},
): Promise<readonly string[]> {
  fixture.api.now ??= () => fixture.clock.now();
  const provider = await fixture.open(options);
  for (const path of paths) await read(provider, path).catch(() => undefined);
  const found: readonly Finding[] = (await provider.diagnose?.(forever)) ?? [];
  const printed = inspect(found, { depth: 10 });
  for (const secret of [...fixture.tokens, "s3cret-fixture"]) expect(printed).not.toContain(secret);
  for (const { message, tip } of found) expect([message, tip]).toEqual([expect.any(String), expect.any(String)]);
  return found.map(({ level, code }) => `${level} ${code}`);
}

/** The rights of a Role with resourceNames. */
function leastRights(fixture: KubernetesFixture, ...names: readonly string[]): void {
  fixture.api.allows = ({ verb, name = "" }) => (verb === "get" || verb === "watch") && names.includes(name);
}

describe("the rights", () => {
  test("that are exactly sufficient give no finding", async () => {
    await using fixture = await openFixture();
    leastRights(fixture, "db", "stripe");
    expect(await findings(fixture, ["db", "billing/stripe", "stripe"])).toEqual([]);
  });

  test("that are missing give one finding each, with the rule to add", async () => {
    await using fixture = await openFixture();
    fixture.api.allows = ({ verb, name }) => verb === "get" && name === "db";
    expect(await findings(fixture, ["db", "stripe"])).toEqual([
      "warning right-missing-watch",
      "error right-missing-get",
      "warning right-missing-watch",
    ]);
    const provider = await fixture.open();
    await read(provider, "db");
    expect(await provider.diagnose?.(forever)).toMatchObject([
      { tip: expect.stringContaining('resourceNames: ["db"], verbs: ["get", "watch"]') },
    ]);
  });

  test("that are missing for a watch by labels are those on the whole namespace", async () => {
    await using fixture = await openFixture();
    leastRights(fixture, "db");
    expect(await findings(fixture, ["db"], { labelSelector: "a=b" })).toEqual([
      "warning right-missing-list",
      "warning right-missing-watch",
    ]);
  });

  test("that are not needed are reported", async () => {
    await using fixture = await openFixture();
    expect(await findings(fixture, ["db"])).toEqual([
      "warning right-all-namespaces",
      "warning right-every-verb",
      "warning right-list",
    ]);
    fixture.api.allows = ({ verb, namespace }) => verb !== "*" && namespace === podNamespace;
    expect(await findings(fixture, ["db"])).toEqual(["warning right-list"]);
    expect(await findings(fixture, ["db"], { labelSelector: "a=b" })).toEqual([]);
    fixture.api.allows = ({ name, namespace }) => name === "db" || namespace === "kube-system";
    expect(await findings(fixture, ["db"])).toEqual(["warning right-sealing-keys"]);
  });

  test("that cannot be asked about give no finding", async () => {
    await using fixture = await openFixture();
    fixture.api.override = ({ resource }) => (resource === "selfsubjectaccessreviews" ? { status: 403 } : undefined);
    expect(await findings(fixture, ["db"])).toEqual([]);
  });
});

describe("the login", () => {
  test.each([
    ["has no end", { exp: undefined }, "warning token-without-end"],
    ["has expired", { exp: Date.parse("2025-12-31T23:59:00Z") / 1000 }, "error token-expired"],
    [
      "should have been renewed",
      { iat: Date.parse("2025-12-31T23:00:00Z") / 1000, exp: Date.parse("2026-01-01T00:05:00Z") / 1000 },
      "warning token-not-renewed",
    ],
  ])("whose token %s is told", async (_what, claims, finding) => {
    await using fixture = await openFixture();
    leastRights(fixture);
    fixture.publish(fixture.issue(claims));
    expect(await findings(fixture)).toEqual([finding]);
  });

  test("without a certificate authority or a namespace is reported", async () => {
    await using fixture = await openFixture();
    leastRights(fixture);
    fixture.publish(fixture.issue(), { "ca.crt": "", namespace: "" });
    const options = { namespace: "apps", tls: { verify: false } };
    expect(await findings(fixture, [], options)).toEqual([
      "error tls-unverified",
      "error ca-missing",
      "info namespace-missing",
    ]);
  });

  test("that is refused is reported, after its possible causes", async () => {
    await using fixture = await openFixture();
    fixture.publish(fixture.issue({ exp: 1 }));
    fixture.api.tokens.clear();
    expect(await findings(fixture)).toEqual(["error token-expired", "error api-server"]);
  });

  test("that is not mounted is reported", async () => {
    await using fixture = await openFixture();
    fixture.mount.remove();
    expect(await findings(fixture)).toEqual(["error service-account", "error api-server"]);
  });
});

describe("the environment", () => {
  test("with a proxy that is not used is reported", async () => {
    await using fixture = await openFixture();
    leastRights(fixture);
    fixture.processContext.environment.https_proxy = "http://app:s3cret-fixture@proxy.example:3128";
    expect(await findings(fixture)).toEqual(["info proxy-ignored"]);
  });

  test.each([-60_000, 60_000])("with a clock that is wrong by %d ms is reported", async (ms) => {
    await using fixture = await openFixture();
    leastRights(fixture);
    const serverNow = fixture.clock.now() + ms;
    fixture.api.now = () => serverNow;
    expect(await findings(fixture)).toEqual(["warning clock-skew"]);
  });

  test("with a Secret that was written by kubectl apply is reported until the annotation is removed", async () => {
    await using fixture = await openFixture();
    leastRights(fixture, "db");
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": '{"data":"s3cret-fixture"}' };
    fixture.api.store.put(podNamespace, "db", { fields: {}, annotations });
    expect(await findings(fixture, ["db"])).toEqual(["warning last-applied"]);
    fixture.api.store.put(podNamespace, "db", { fields: {} });
    expect(await findings(fixture, ["db", "db"])).toEqual([]);
  });
});
