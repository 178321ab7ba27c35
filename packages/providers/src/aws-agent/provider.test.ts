import { describe, expect, test } from "vitest";
import { openAgentFixture } from "../../test/aws-agent/harness.ts";
import { forever, read, textOf } from "../../test/aws-fixture.ts";
import { rejection } from "../../test/http-fixture.ts";

describe("the agent", () => {
  test("is asked with the whole name, encoded, and with the version", async () => {
    await using fixture = await openAgentFixture();
    const { secrets, double } = fixture;
    secrets.put("/prod/db", "one");
    secrets.put("/prod/db", "two");
    const provider = await fixture.open({ prefix: "/prod" });
    expect(await textOf(read(provider, "prod/db"))).toBe("two");
    expect(await textOf(provider.get({ path: "prod/db", version: "previous" }, forever))).toBe("one");
    expect(double.requests.map(({ query }) => query)).toEqual([
      { secretId: "/prod/db" },
      { secretId: "/prod/db", versionStage: "AWSPREVIOUS" },
    ]);
  });

  test("passes by what it holds for a read that is to be fresh, and for no other", async () => {
    await using fixture = await openAgentFixture();
    const { secrets, double } = fixture;
    double.ttlMs = 300_000;
    secrets.put("db", "one");
    const provider = await fixture.open();
    await read(provider, "db");
    secrets.put("db", "two");
    expect(await textOf(read(provider, "db"))).toBe("one");
    expect(await textOf(provider.get({ path: "db", version: "current", fresh: true }, forever))).toBe("two");
    expect(await textOf(provider.get({ path: "db", version: "previous", fresh: true }, forever))).toBe("one");
    expect(double.requests.map(({ query }) => query.refreshNow)).toEqual([undefined, undefined, "true", "true"]);
  });

  test("that cannot do so is asked for what it holds, and not for more again", async () => {
    await using fixture = await openAgentFixture();
    const { secrets, double } = fixture;
    double.parameters.delete("refreshNow");
    secrets.put("db", "one");
    const provider = await fixture.open();
    const fresh = { path: "db", version: "current", fresh: true } as const;
    expect(await textOf(provider.get(fresh, forever))).toBe("one");
    expect(await textOf(provider.get(fresh, forever))).toBe("one");
    expect(double.requests.map(({ query }) => query.refreshNow)).toEqual(["true", undefined, undefined]);
  });

  test("that takes a fresh question for a wrong one, as any other, says so", async () => {
    await using fixture = await openAgentFixture();
    const provider = await fixture.open();
    fixture.double.override = () => ({ status: 400, headers: { "content-type": "text/plain" }, body: "Forwarded" });
    const fresh = provider.get({ path: "db", version: "current", fresh: true }, forever);
    expect(await rejection(fresh)).toMatchObject({ code: "INTERNAL", reason: "bad-request" });
  });

  test("that answers with another secret or parameter is refused", async () => {
    await using fixture = await openAgentFixture();
    const { secrets, parameters, double } = fixture;
    const facts = { Value: "s3cret-fixture", SecretString: "s3cret-fixture", VersionId: "one", Version: 1 };
    const secret = { ...facts, ARN: secrets.arn("other"), Name: "other" };
    double.override = () => ({
      body: { ...secret, Parameter: { ...facts, ARN: parameters.arn("/other"), Name: "/other" } },
    });
    for (const service of ["secretsmanager", "parameters"]) {
      const provider = await fixture.open({ service });
      expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    }
  });

  test("that does not know the token says so, and not that the secret is denied", async () => {
    await using fixture = await openAgentFixture();
    fixture.secrets.put("db", "s3cret-fixture");
    fixture.double.refusesLogins = true;
    const provider = await fixture.open();
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", tip: expect.stringContaining("restart") });
  });

  test("of AWS Lambda that is not ready asks for a short pause", async () => {
    await using fixture = await openAgentFixture();
    fixture.secrets.put("db", "value");
    fixture.double.isIdle = true;
    const provider = await fixture.open();
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "agent-not-ready", retryAfterMs: 1000 });
    fixture.double.isIdle = false;
    expect(await textOf(read(provider, "db"))).toBe("value");
  });

  test("on another machine is not asked without encryption", async () => {
    await using fixture = await openAgentFixture();
    const error = await rejection(fixture.open({ url: "http://agent.example:2773" }));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "insecure-url" });
  });

  test("is told of by diagnose, also where the name that it asks for is denied", async () => {
    await using fixture = await openAgentFixture();
    const provider = await fixture.open();
    expect(await provider.diagnose?.(forever)).toMatchObject([{ level: "info", code: "agent" }]);
    fixture.secrets.refused.set("tacit-diagnose-no-such-name", ["AccessDeniedException", "no"]);
    expect(await provider.diagnose?.(forever)).toMatchObject([{ level: "info", code: "agent" }]);
    fixture.double.refusesLogins = true;
    expect(await provider.diagnose?.(forever)).toMatchObject([{ level: "error", code: "agent" }]);
  });
});

test.each([
  [
    "secretsmanager",
    { Action: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"] },
    "arn:aws:secretsmanager:*:*:secret:prod/",
  ],
  ["parameters", { Action: "ssm:GetParameter" }, "arn:aws:ssm:*:*:parameter/prod/"],
])("diagnose tells what failed of %s, which names cannot be, and the policy that the agent needs", async (...row) => {
  const [service, action, resource] = row;
  await using fixture = await openAgentFixture();
  const { secrets, parameters } = fixture;
  secrets.put("prod/db", "value");
  parameters.put("/prod/db", "value");
  secrets.refused.set("prod/api", ["AccessDeniedException", "no"]);
  parameters.denied.add("/prod/api");
  const provider = await fixture.open({ service });
  await read(provider, "prod/db");
  await rejection(read(provider, "prod/api"));
  await rejection(read(provider, "a b"));
  const findings = (await provider.diagnose?.(forever)) ?? [];
  expect(findings).toContainEqual(expect.objectContaining({ level: "error", code: "iam", reference: "prod/api" }));
  expect(findings).toContainEqual(expect.objectContaining({ level: "error", code: "path", reference: "a b" }));
  const policy = findings.find(({ code }) => code === "iam-policy");
  const suffix = service === "parameters" ? "" : "-??????";
  const Resource = ["db", "api"].map((name) => `${resource}${name}${suffix}`);
  expect(policy).toMatchObject({ level: "warning" });
  expect(JSON.parse(/\{.*\}$/.exec(policy?.message ?? "")?.[0] ?? "")).toEqual({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", ...action, Resource }],
  });
});

describe("the token", () => {
  test.each([["AWS_TOKEN"], ["AWS_SESSION_TOKEN"], ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]])(
    "is that of %s",
    async (name) => {
      await using fixture = await openAgentFixture({ credential: async () => Buffer.from("s3cret-fixture-token-1") });
      delete fixture.environment.AWS_TOKEN;
      fixture.environment[name] = "s3cret-fixture-token-1";
      fixture.secrets.put("db", "value");
      expect(await textOf(read(await fixture.open(), "db"))).toBe("value");
      expect(fixture.host.protected.map(({ value }) => value)).toContain("s3cret-fixture-token-1");
    },
  );

  test("that nobody names is told before anything is sent", async () => {
    await using fixture = await openAgentFixture();
    delete fixture.environment.AWS_TOKEN;
    const error = await rejection(read(await fixture.open(), "db"));
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "credential-missing" });
    expect(fixture.double.requests).toEqual([]);
  });
});
