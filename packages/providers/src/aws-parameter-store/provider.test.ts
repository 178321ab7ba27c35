import { describe, expect, test } from "vitest";
import { forever, read, textOf } from "../../test/aws-fixture.ts";
import { openParameterStoreFixture } from "../../test/aws-parameter-store/harness.ts";
import { rejection } from "../../test/http-fixture.ts";

describe("a parameter", () => {
  test("is always decrypted, whatever its type and the call", async () => {
    await using fixture = await openParameterStoreFixture();
    const { store, double } = fixture;
    store.put("/db", "s3cret-fixture");
    store.put("/hosts", "a,b,c", { type: "StringList" });
    const provider = await fixture.open();
    const below = await fixture.open({ layout: "hierarchy" });
    store.put("/app/key", "s3cret-fixture");
    expect(await textOf(read(provider, "db"))).toBe("s3cret-fixture");
    expect(await textOf(read(provider, "hosts"))).toBe("a,b,c");
    await provider.getMany?.([{ path: "db", version: "current" }], forever);
    await read(below, "app");
    expect(double.requests.length).toBeGreaterThanOrEqual(4);
    expect(double.requests.every(({ input }) => input.WithDecryption === true)).toBe(true);
  });

  test("with half of a character is no text", async () => {
    await using fixture = await openParameterStoreFixture();
    fixture.store.put("/half", "\ud800");
    const error = await rejection(read(await fixture.open(), "half"));
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "not-utf8" });
  });

  test("has versions by number and label, and the one before", async () => {
    await using fixture = await openParameterStoreFixture();
    const { store } = fixture;
    store.put("/db", "one");
    store.put("/db", "two", { labels: ["blue"] });
    store.put("/db", "three");
    const provider = await fixture.open();
    const of = (version: "previous" | { id: string }) => textOf(provider.get({ path: "db", version }, forever));
    expect(await of("previous")).toBe("two");
    expect(await of({ id: "1" })).toBe("one");
    expect(await of({ id: "blue" })).toBe("two");
    expect(await of({ id: "9" })).toBe("not-found");
    expect(await of({ id: "a:b/../c" })).toBe("not-found");
  });

  test("that was deleted and made again is another version, although it counts from 1 again", async () => {
    await using fixture = await openParameterStoreFixture();
    const { store, clock } = fixture;
    store.put("/db", "one");
    const provider = await fixture.open();
    const first = await read(provider, "db");
    const version = "version" in first ? first.version : "";
    store.parameters.delete("/db");
    await clock.advance(1000);
    store.put("/db", "two");
    expect(await textOf(read(provider, "db", version))).toBe("two");
    expect(await textOf(provider.get({ path: "db", version: { id: version } }, forever))).toBe("not-found");
    expect(await textOf(provider.get({ path: "db", version: "previous" }, forever))).toBe("not-found");
  });

  test("is found by an ARN, alone and with others", async () => {
    await using fixture = await openParameterStoreFixture();
    fixture.store.put("/prod/db", "value");
    const provider = await fixture.open();
    expect(await textOf(read(provider, fixture.store.arn("/prod/db")))).toBe("value");
  });
});

describe("an answer", () => {
  const answered = (name: string, arn: string): object => ({ Name: name, ARN: arn, Value: "value", Version: 1 });

  test("about another parameter is refused", async () => {
    await using fixture = await openParameterStoreFixture();
    const { store, double } = fixture;
    double.override = () => ({ body: { Parameter: answered("/other", store.arn("/other")) } });
    const provider = await fixture.open();
    for (const path of ["db", "prod/other", store.arn("/db")])
      expect(await rejection(read(provider, path))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test("may name a parameter at the root without its slash, alone and with others", async () => {
    await using fixture = await openParameterStoreFixture();
    const { store, double } = fixture;
    const parameter = answered("db", store.arn("/db"));
    double.override = ({ action }) => ({
      body: action === "GetParameter" ? { Parameter: parameter } : { Parameters: [parameter] },
    });
    const provider = await fixture.open();
    expect(await textOf(read(provider, "db"))).toBe("value");
    expect(await provider.getMany?.([{ path: "db", version: "current" }], forever)).toMatchObject([{ status: "ok" }]);
    expect(double.requests.map(({ action }) => action)).toEqual(["GetParameter", "GetParameters"]);
  });

  test("may name the secret to which a parameter refers", async () => {
    await using fixture = await openParameterStoreFixture();
    const secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf";
    fixture.double.override = () => ({ body: { Parameter: answered("prod/db", secret) } });
    const provider = await fixture.open();
    const reference = "aws/reference/secretsmanager";
    expect(await textOf(read(provider, `${reference}/prod/db`))).toBe("value");
    for (const path of [`${reference}/db`, `${reference}/prod/db/more`, "prod/db"])
      expect(await rejection(read(provider, path))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });
});

describe("several parameters", () => {
  const requests = ["a", "b", "c"].map((path) => ({ path, version: "current" as const }));
  const statuses = (answers: readonly object[] = []) =>
    answers.map((one) => ("status" in one ? one.status : (one as { code: string }).code));

  test("with one that is denied, for which the store refuses all, are read singly once, and without that one from then on", async () => {
    await using fixture = await openParameterStoreFixture();
    const { store, double, host } = fixture;
    for (const { path } of requests) store.put(`/${path}`, path);
    store.denied.add("/b");
    const provider = await fixture.open();
    expect(statuses(await provider.getMany?.(requests, forever))).toEqual(["ok", "PERMISSION_DENIED", "ok"]);
    expect([double.count("GetParameters"), double.count("GetParameter")]).toEqual([1, 3]);
    expect(statuses(await provider.getMany?.(requests, forever))).toEqual(["ok", "PERMISSION_DENIED", "ok"]);
    expect([double.count("GetParameters"), double.count("GetParameter")]).toEqual([2, 4]);
    store.denied.clear();
    await provider.getMany?.(requests, forever);
    expect(statuses(await provider.getMany?.(requests, forever))).toEqual(["ok", "ok", "ok"]);
    expect([double.count("GetParameters"), double.count("GetParameter")]).toEqual([4, 5]);
    expect(host.warnings).toEqual([]);
  });

  test("are read singly where this identity may not ask for them together, which is told", async () => {
    await using fixture = await openParameterStoreFixture();
    for (const { path } of requests) fixture.store.put(`/${path}`, path);
    fixture.store.isBatchDenied = true;
    const provider = await fixture.open();
    for (let round = 0; round < 2; round += 1)
      expect(statuses(await provider.getMany?.(requests, forever))).toEqual(["ok", "ok", "ok"]);
    expect([fixture.double.count("GetParameters"), fixture.double.count("GetParameter")]).toEqual([1, 6]);
    expect(fixture.host.warnings).toMatchObject([{ code: "batch-denied" }]);
    fixture.store.isBatchDenied = false;
    await fixture.clock.advance(3_600_000);
    await provider.getMany?.(requests, forever);
    expect([fixture.double.count("GetParameters"), fixture.double.count("GetParameter")]).toEqual([2, 6]);
  });
});

describe("a hierarchy", () => {
  test("is the fields of one secret, over all pages, and nothing beside it", async () => {
    await using fixture = await openParameterStoreFixture();
    const { store } = fixture;
    for (let index = 0; index < 25; index += 1) store.put(`/app/db/key${index}`, `value ${index}`);
    store.put("/app/db/tls/key", "deep");
    store.put("/app/db", "the parameter of that name itself");
    store.put("/app/db-other/key", "a neighbour");
    const provider = await fixture.open({ layout: "hierarchy" });
    const result = await read(provider, "app/db");
    if (result.status !== "ok" || result.payload.kind !== "fields") throw new Error(result.status);
    expect(result.payload.fields.size).toBe(26);
    expect(Buffer.from(result.payload.fields.get("tls/key") ?? []).toString()).toBe("deep");
    expect(await read(provider, "app/nothing")).toEqual({ status: "not-found", definitive: true });
    expect(await read(provider, "app/db", result.version)).toMatchObject({ status: "not-modified" });
  });

  test("that turns its pages in a circle ends", async () => {
    await using fixture = await openParameterStoreFixture();
    fixture.double.override = () => ({ body: { Parameters: [], NextToken: "same" } });
    const provider = await fixture.open({ layout: "hierarchy" });
    expect(await rejection(read(provider, "app"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test("has no versions, and its policy is about the path", async () => {
    await using fixture = await openParameterStoreFixture();
    fixture.store.put("/app/key", "value");
    const provider = await fixture.open({ layout: "hierarchy" });
    const previous = provider.get({ path: "app", version: "previous" }, forever);
    expect(await rejection(previous)).toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
    await read(provider, "app");
    const findings = (await provider.diagnose?.(forever)) ?? [];
    expect(findings.find(({ code }) => code === "iam-policy")?.message).toContain(
      '"Action":"ssm:GetParametersByPath","Resource":["arn:aws:ssm:eu-central-1:*:parameter/app"]',
    );
  });
});
