import type { SecretError } from "@tacit/core/provider";
import { describe, expect, test } from "vitest";
import { awsError } from "../../test/aws-double.ts";
import { forever, read, textOf } from "../../test/aws-fixture.ts";
import { openSecretsManagerFixture } from "../../test/aws-secrets-manager/harness.ts";
import { rejection } from "../../test/http-fixture.ts";

const pending = "c0ffee00-0000-0000-0000-000000000001";

describe("a version", () => {
  test("is chosen by stage, by its id, or is the one before the current one", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { store } = fixture;
    const { id } = store.put("db", "one");
    store.put("db", "two");
    store.add("db", { id: pending, stages: ["AWSPENDING", "blue"], value: "three" });
    const provider = await fixture.open();
    const of = (version: "current" | "previous" | { id: string }) =>
      textOf(provider.get({ path: "db", version }, forever));
    expect(await of("current")).toBe("two");
    expect(await of("previous")).toBe("one");
    expect(await of({ id })).toBe("one");
    expect(await of({ id: "AWSPENDING" })).toBe("three");
    expect(await of({ id: "blue" })).toBe("three");
    expect(await of({ id: "green" })).toBe("not-found");
  });

  test("that has no value yet is not found, whether the store says so or answers without one", async () => {
    await using fixture = await openSecretsManagerFixture();
    fixture.store.add("db", { id: pending, stages: ["AWSPENDING"] });
    const provider = await fixture.open();
    expect(await textOf(provider.get({ path: "db", version: { id: "AWSPENDING" } }, forever))).toBe("not-found");
    const facts = { ARN: fixture.store.arn("db"), Name: "db", VersionId: pending };
    fixture.double.override = () => ({ body: facts });
    expect(await read(provider, "db")).toEqual({ status: "not-found", definitive: true });
  });

  test("that is older than the held one is not taken for a minute, then with a warning", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { store, clock, host } = fixture;
    const { id: old } = store.put("db", "old");
    await clock.advance(1000);
    const { id } = store.put("db", "new");
    const provider = await fixture.open();
    await read(provider, "db");
    const back = (version: string): void => {
      for (const one of store.secrets.get("db") ?? []) one.stages = one.id === version ? ["AWSCURRENT"] : [];
    };
    const held = { status: "not-modified", version: id };
    back(old);
    expect(await read(provider, "db", id)).toEqual(held);
    await clock.advance(59_000);
    expect(await read(provider, "db", id)).toEqual(held);
    // The servers of the store are of two minds: the newer one is seen again, and the minute begins anew.
    back(id);
    expect(await read(provider, "db", id)).toEqual(held);
    back(old);
    await clock.advance(59_000);
    expect(await read(provider, "db", id)).toEqual(held);
    expect(host.warnings).toEqual([]);
    await clock.advance(60_000);
    expect(await textOf(read(provider, "db", id))).toBe("old");
    expect(host.warnings).toMatchObject([{ code: "older-version" }]);
    // A client that holds nothing, as after a drop, is given what there is.
    back(id);
    await read(provider, "db", old);
    back(old);
    expect(await textOf(read(provider, "db"))).toBe("old");
  });
});

describe("a secret", () => {
  test("that is marked for deletion is not found, and the operator is told how to bring it back", async () => {
    await using fixture = await openSecretsManagerFixture();
    fixture.store.put("db", "s3cret-fixture");
    fixture.store.deleted.add("db");
    const provider = await fixture.open();
    expect(await read(provider, "db")).toEqual({ status: "not-found", definitive: true });
    expect(fixture.host.warnings).toMatchObject([
      { code: "scheduled-deletion", tip: expect.stringContaining("restore-secret") },
    ]);
  });

  test("is found by its complete ARN, and one of another region is told before anything is asked", async () => {
    await using fixture = await openSecretsManagerFixture();
    fixture.store.put("prod/db", "value");
    const provider = await fixture.open();
    expect(await textOf(read(provider, fixture.store.arn("prod/db")))).toBe("value");
    const elsewhere = fixture.store.arn("prod/db").replace("eu-central-1", "us-east-1");
    const error = await rejection(read(provider, elsewhere));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "region" });
    expect(fixture.double.requests).toHaveLength(1);
  });

  test("that answers to another name or ARN is refused: no service may exchange one for another", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { store, double } = fixture;
    const { id } = store.put("other", "s3cret-fixture");
    const other = { ARN: store.arn("other"), Name: "other", VersionId: id, SecretString: "s3cret-fixture" };
    double.override = () => ({ body: other });
    const provider = await fixture.open();
    for (const path of ["db", "othe", store.arn("db")])
      expect(await rejection(read(provider, path))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test("with half of a character is no text, alone and beside others", async () => {
    await using fixture = await openSecretsManagerFixture();
    fixture.store.put("half", "\ud800");
    fixture.store.put("db", "s3cret-fixture");
    const provider = await fixture.open();
    const failure = { code: "INVALID_VALUE", reason: "not-utf8" };
    expect(await rejection(read(provider, "half"))).toMatchObject(failure);
    const requests = ["half", "db"].map((path) => ({ path, version: "current" as const }));
    expect(await provider.getMany?.(requests, forever)).toMatchObject([failure, { status: "ok" }]);
  });

  test("has the prefix before its name, also one that begins with a slash", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { adapter, store, double } = fixture;
    store.put("/prod/db/primary", "value");
    const provider = await fixture.open({ prefix: "/prod" });
    const path = adapter.toPath?.("db/primary", { prefix: "/prod" }) ?? "";
    expect(path).toBe("prod/db/primary");
    expect(await textOf(read(provider, path))).toBe("value");
    const [member] = (await provider.getMany?.([{ path, version: "current" }], forever)) ?? [];
    expect(member).toMatchObject({ status: "ok" });
    expect(double.requests.map(({ input }) => input.SecretId ?? input.SecretIdList)).toEqual([
      "/prod/db/primary",
      ["/prod/db/primary"],
    ]);
  });
});

describe("several at once", () => {
  const requests = ["a", "b", "c"].map((path) => ({ path, version: "current" as const }));

  test("are read singly where this identity may not ask for them together, which is told once, and tried again after an hour", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { store, double, host } = fixture;
    for (const { path } of requests) store.put(path, path);
    store.refused.set("b", ["AccessDeniedException", "no"]);
    store.isBatchDenied = true;
    const provider = await fixture.open();
    for (let round = 0; round < 2; round += 1) {
      const answers = (await provider.getMany?.(requests, forever)) ?? [];
      expect(answers.map((one) => ("status" in one ? one.status : one.code))).toEqual([
        "ok",
        "PERMISSION_DENIED",
        "ok",
      ]);
    }
    expect([double.count("BatchGetSecretValue"), double.count("GetSecretValue")]).toEqual([1, 6]);
    expect(host.warnings).toMatchObject([{ code: "batch-denied" }]);
    store.isBatchDenied = false;
    await fixture.clock.advance(3_600_000);
    await provider.getMany?.(requests, forever);
    expect([double.count("BatchGetSecretValue"), double.count("GetSecretValue")]).toEqual([2, 6]);
  });

  test("are read singly where one of them makes the store refuse them all", async () => {
    await using fixture = await openSecretsManagerFixture();
    for (const { path } of requests.slice(1)) fixture.store.put(path, path);
    fixture.double.override = ({ action }) =>
      action === "BatchGetSecretValue" ? awsError("ResourceNotFoundException", "moto", 404) : undefined;
    const provider = await fixture.open();
    const answers = (await provider.getMany?.(requests, forever)) ?? [];
    expect(answers.map((one) => ("status" in one ? one.status : one.code))).toEqual(["not-found", "ok", "ok"]);
  });

  test("are given although AWS fails at one of them", async () => {
    await using fixture = await openSecretsManagerFixture();
    for (const { path } of requests) fixture.store.put(path, path);
    fixture.store.refused.set("b", ["InternalServiceError", "no"]);
    const provider = await fixture.open();
    const answers = await provider.getMany?.(requests, forever);
    expect(answers).toMatchObject([{ status: "ok" }, { code: "UNAVAILABLE" }, { status: "ok" }]);
    expect(fixture.double.count("GetSecretValue")).toBe(0);
  });

  test("that the store leaves out are no deletion", async () => {
    await using fixture = await openSecretsManagerFixture();
    fixture.double.override = () => ({ body: { SecretValues: [], Errors: [] } });
    const provider = await fixture.open();
    const error = ((await provider.getMany?.(requests, forever)) ?? [])[0] as SecretError;
    expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    fixture.double.override = () => undefined;
    expect(await provider.diagnose?.(forever)).toContainEqual(
      expect.objectContaining({ level: "error", code: "malformed-answer", reference: "a" }),
    );
  });
});

test("a policy to copy names what was asked for, and who asks", async () => {
  await using fixture = await openSecretsManagerFixture();
  const { store, double, environment } = fixture;
  store.put("prod/db", "s3cret-fixture");
  store.refused.set("prod/key", ["AccessDeniedException", "no identity-based policy allows it"]);
  environment.AWS_ENDPOINT_URL_STS = double.url;
  const provider = await fixture.open({ prefix: "prod" });
  await read(provider, "prod/db");
  await rejection(read(provider, "prod/key"));
  const findings = (await provider.diagnose?.(forever)) ?? [];
  expect(findings.map(({ level, code }) => [level, code])).toEqual([
    ["info", "identity"],
    ["error", "iam"],
    ["warning", "iam-policy"],
  ]);
  expect(findings[0]?.message).toContain("arn:aws:sts::123456789012:assumed-role/app/pod, in eu-central-1");
  const policy = JSON.parse(/\{.*\}/.exec(findings[2]?.message ?? "")?.[0] ?? "") as { Statement: unknown[] };
  expect(policy.Statement[0]).toEqual({
    Effect: "Allow",
    Action: "secretsmanager:GetSecretValue",
    Resource: [
      "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-??????",
      "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/key-??????",
    ],
  });
});
