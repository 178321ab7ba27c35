import { expect, test } from "vitest";
import { declareSecrets, isSecretError, object } from "../index.ts";
import { assertNoLeak, mockSecrets } from "./index.ts";

const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]), overlap: "15m" },
  stripe: { ref: "stripe/key" },
  extra: { ref: "extra", optional: true },
});
const values = {
  "db/primary": { username: "app-user", password: "s3cret-fixture-1" },
  "stripe/key": "sk-s3cret-fixture",
};

test("is ready within the call that makes it", () => {
  const secrets = mockSecrets(values, { declare: declared });
  expect(secrets.latest("db").reveal()).toEqual({ username: "app-user", password: "s3cret-fixture-1" });
  expect(secrets.latest("stripe").reveal()).toBe("sk-s3cret-fixture");
  expect(secrets.latest("extra")).toBeUndefined();
});

test("delivers a rotation to watches and readers", async () => {
  const secrets = mockSecrets(values, { declare: declared });
  const seen: string[] = [];
  secrets.watch("db").on("change", ({ current }) => seen.push(current.reveal().password));
  await secrets.flush();
  secrets.set("db/primary", { username: "app-user", password: "s3cret-fixture-2" });
  await secrets.flush();
  expect(seen).toEqual(["s3cret-fixture-2"]);
  expect((await secrets.getSecret("db")).reveal().password).toBe("s3cret-fixture-2");
  expect(secrets.accepted("db").map((secret) => secret.reveal().password)).toEqual([
    "s3cret-fixture-2",
    "s3cret-fixture-1",
  ]);
});

test("delivers a rotation that happens in the very tick in which it was made", async () => {
  const secrets = mockSecrets(values, { declare: declared });
  secrets.set("stripe/key", "sk-s3cret-second");
  await secrets.flush();
  expect(secrets.latest("stripe").reveal()).toBe("sk-s3cret-second");
});

test("breaks and mends a secret on virtual time", async () => {
  const secrets = mockSecrets(values, { declare: declared, maxStale: "1m" });
  const watch = secrets.watch("stripe");
  await secrets.flush();
  secrets.fail("stripe/key", "UNAVAILABLE");
  await secrets.flush();
  expect(watch.state).toBe("stale");
  expect(secrets.latest("stripe").reveal()).toBe("sk-s3cret-fixture");
  await secrets.advance(120_000);
  expect(() => secrets.latest("stripe")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "stale" }));
  secrets.set("stripe/key", "sk-s3cret-third");
  await secrets.advance(61_000);
  expect(secrets.latest("stripe").reveal()).toBe("sk-s3cret-third");
});

test("times out a read that hangs, and counts reads", async () => {
  const secrets = mockSecrets(values);
  secrets.hang("stripe/key");
  const reading = secrets.getSecret("stripe/key", { timeout: 1_000 }).catch((error: unknown) => error);
  await secrets.advance(1_000);
  expect(isSecretError(await reading, "UNAVAILABLE")).toBe(true);
  expect(secrets.reads("stripe/key")).toBe(1);
});

test("reports a secret that is missing like the real client", async () => {
  const secrets = mockSecrets({}, { declare: declared });
  const problem = secrets.ready().catch((error: unknown) => error);
  await secrets.advance(20_000);
  const error = await problem;
  expect(isSecretError(error, "NOT_READY")).toBe(true);
  expect((error as { errors: { code: string }[] }).errors.map(({ code }) => code)).toEqual(["NOT_FOUND", "NOT_FOUND"]);
});

test("removes an optional and a required secret", async () => {
  const secrets = mockSecrets({ ...values, extra: "extra-fixture" }, { declare: declared });
  const deleted: string[] = [];
  secrets.events.on("delete", ({ reference }) => deleted.push(reference));
  await secrets.flush();
  secrets.remove("extra");
  secrets.remove("stripe/key");
  await secrets.flush();
  expect(secrets.latest("extra")).toBeUndefined();
  expect(secrets.latest("stripe").reveal()).toBe("sk-s3cret-fixture");
  expect(deleted.sort()).toEqual(["extra", "stripe/key"]);
});

test("leaves no timer after close", async () => {
  const secrets = mockSecrets(values, { declare: declared });
  await secrets.flush();
  await secrets.close();
  expect(secrets.clock.armed).toBe(0);
});

test("refuses a key that is no name", () => {
  expect(() => mockSecrets({ "db#password": "x" })).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
});

test.each(["set", "remove", "fail", "hang", "reads"] as const)("refuses to %s what is no name", (control) => {
  const secrets = mockSecrets(values);
  const act = secrets[control] as (name: string, ...rest: unknown[]) => void;
  expect(() => act("db/primary#password", "UNAVAILABLE")).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
});

test("knows what it issued, in a client that has revealed nothing", () => {
  const secrets = mockSecrets({ token: "s3cret-fixture-known" });
  expect(() => assertNoLeak("all well", secrets)).not.toThrow();
  expect(() => assertNoLeak("Bearer s3cret-fixture-known")).toThrow(/sink 1 of 1/);
});
