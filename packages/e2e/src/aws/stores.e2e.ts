import { CreateSecretCommand, DeleteSecretCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { LabelParameterVersionCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { declareSecrets, object, systemClock } from "@tacit/core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { hasPrograms } from "../programs/provided.ts";
import { type AccessKey, type Sts, startSts } from "../sts/sts.ts";
import { type Administrator, allow, createAdministrator, openService, variablesOf } from "./account.ts";

const declared = declareSecrets({
  login: { ref: "prod/db", as: object(["username", "password"]) },
  before: { ref: "prod/db@previous", as: object(["username", "password"]), optional: true },
  key: { ref: "prod/key" },
});
const one = { username: "app", password: "s3cret-fixture-1" };
const two = { username: "app", password: "s3cret-fixture-2" };

describe.skipIf(!hasPrograms("ministack"))("a service with a user of AWS", () => {
  let sts: Sts;
  let administrator: Administrator;
  let key: AccessKey;

  beforeAll(async () => {
    sts = await startSts();
    administrator = await createAdministrator(sts);
    ({ key } = await sts.createUser("app"));
    await allow(sts, "app", [
      {
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: "arn:aws:secretsmanager:*:*:secret:prod/*",
      },
      { Effect: "Allow", Action: "secretsmanager:BatchGetSecretValue", Resource: "*" },
      {
        Effect: "Allow",
        Action: ["ssm:GetParameter", "ssm:GetParameters"],
        Resource: "arn:aws:ssm:*:*:parameter/prod/*",
      },
      { Effect: "Allow", Action: "ssm:GetParametersByPath", Resource: "*" },
    ]);
    const { secrets } = administrator;
    await secrets.send(new CreateSecretCommand({ Name: "prod/db", SecretString: JSON.stringify(one) }));
    await secrets.send(new CreateSecretCommand({ Name: "prod/key", SecretString: "s3cret-fixture-key" }));
    await secrets.send(new CreateSecretCommand({ Name: "other/key", SecretString: "s3cret-fixture-other" }));
  });
  afterEach(() => void vi.unstubAllEnvs());
  afterAll(async () => {
    administrator?.secrets.destroy();
    administrator?.parameters.destroy();
    await sts?.close();
  });

  function use(keys: AccessKey): void {
    for (const [name, text] of Object.entries(variablesOf(keys))) vi.stubEnv(name, text);
  }

  test("reads what the official client writes, hears of its rotation, and of the value before it", async () => {
    use(key);
    const service = openService(sts, { use: "aws-secrets-manager", declare: declared });
    await service.ready();
    expect(service.latest("login").reveal()).toEqual(one);
    expect(service.latest("before")).toBeUndefined();
    const put = new PutSecretValueCommand({ SecretId: "prod/db", SecretString: JSON.stringify(two) });
    await administrator.secrets.send(put);
    await expect.poll(() => service.latest("login").reveal(), { timeout: 10_000 }).toEqual(two);
    await expect.poll(() => service.latest("before")?.reveal(), { timeout: 15_000 }).toEqual(one);
    await service.close();
  });

  test("is told by which policy another secret is denied, and reads its own", async () => {
    use(key);
    const declare = declareSecrets({ mine: { ref: "prod/key" }, other: { ref: "other/key" } });
    const service = openService(sts, { use: "aws-secrets-manager", declare });
    await expect(service.ready()).rejects.toMatchObject({ errors: [{ code: "PERMISSION_DENIED", reason: "iam" }] });
    expect(service.latest("mine").reveal()).toBe("s3cret-fixture-key");
    const findings = await service.diagnose();
    expect(findings.find(({ code }) => code === "iam-policy")?.message).toContain("secret:other/key-??????");
    expect(JSON.stringify(findings)).not.toContain("s3cret-fixture");
    await service.close();
  });

  test("is refused for a key that is not that of the user", async () => {
    use({ ...key, AWS_SECRET_ACCESS_KEY: "s3cret-fixture-of-nobody" });
    const declare = declareSecrets({ key: { ref: "prod/key" } });
    const service = openService(sts, { use: "aws-secrets-manager", declare });
    await expect(service.ready()).rejects.toMatchObject({ errors: [{ code: "UNAUTHENTICATED" }] });
    await service.close();
  });

  test.each([-20, 20])("reads with a clock that is %i minutes wrong", async (minutes) => {
    use(key);
    const clock = { ...systemClockMembers, now: () => systemClock.now() + minutes * 60_000 };
    const declare = declareSecrets({ key: { ref: "prod/key" } });
    const service = openService(sts, { use: "aws-secrets-manager", declare, clock });
    await service.ready();
    expect(service.latest("key").reveal()).toBe("s3cret-fixture-key");
    expect(service.health().providers[0]?.warnings).toContain("clock-skew");
    await service.close();
  });

  test("finds a secret that is marked for deletion no more, and says how to restore it", async () => {
    use(key);
    const { secrets } = administrator;
    await secrets.send(new CreateSecretCommand({ Name: "prod/doomed", SecretString: "s3cret-fixture" }));
    await secrets.send(new DeleteSecretCommand({ SecretId: "prod/doomed", RecoveryWindowInDays: 7 }));
    const declare = declareSecrets({ doomed: { ref: "prod/doomed", optional: true } });
    const service = openService(sts, { use: "aws-secrets-manager", declare });
    await service.ready();
    expect(service.latest("doomed")).toBeUndefined();
    expect(service.health().providers[0]?.warnings).toContain("scheduled-deletion");
    await service.close();
  });

  test("goes on with the last good values while AWS answers nothing, and closes at once", async () => {
    use(key);
    const declare = declareSecrets({ key: { ref: "prod/key" } });
    const service = openService(sts, { use: "aws-secrets-manager", declare });
    await service.ready();
    sts.pause();
    try {
      await expect.poll(() => service.health().secrets[0]?.code, { timeout: 30_000 }).toBe("UNAVAILABLE");
      expect(service.latest("key").reveal()).toBe("s3cret-fixture-key");
      const began = performance.now();
      await service.close();
      expect(performance.now() - began).toBeLessThan(3000);
    } finally {
      sts.resume();
    }
  });

  test("reads parameters, encrypted ones, by version and label, many at once, and as a hierarchy", async () => {
    use(key);
    const { parameters } = administrator;
    const put = (Name: string, Value: string, Type: "String" | "SecureString" = "SecureString"): Promise<unknown> =>
      parameters.send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
    for (let index = 0; index < 12; index += 1) await put(`/prod/p${index}`, `value ${index}`);
    await put("/prod/p0", "newer");
    await parameters.send(
      new LabelParameterVersionCommand({ Name: "/prod/p0", Labels: ["live"], ParameterVersion: 1 }),
    );
    for (const [name, value] of Object.entries(one)) await put(`/prod/group/${name}`, value);
    const aliases = Object.fromEntries(
      Array.from({ length: 14 }, (_, index) => [`p${index}`, { ref: `p${index}`, optional: true }]),
    );
    const declare = declareSecrets({ ...aliases, was: { ref: "p0@previous" } });
    const service = openService(sts, { use: "aws-parameter-store", declare, provider: { prefix: "/prod" } });
    await service.ready();
    const read = (alias: string): string | undefined =>
      (service.latest(alias as "was") as { reveal(): string } | undefined)?.reveal();
    expect(["p0", "p11", "p12", "was"].map(read)).toEqual(["newer", "value 11", undefined, "value 0"]);
    await service.close();
    const group = declareSecrets({ login: { ref: "group", as: object(["username", "password"]) } });
    const below = openService(sts, {
      use: "aws-parameter-store",
      declare: group,
      provider: { prefix: "/prod", layout: "hierarchy" },
    });
    await below.ready();
    expect(below.latest("login").reveal()).toEqual(one);
    await below.close();
  });
});

const systemClockMembers = {
  monotonic: () => systemClock.monotonic(),
  setTimer: (callback: () => void, delayMs: number) => systemClock.setTimer(callback, delayMs),
};
