import { mockSecrets } from "@tacit/core/testing";
import { afterEach, expect, test, vi } from "vitest";
import { declarePayments, pay } from "./payments.ts";
import { start } from "./start.ts";

const first = { id: "app", key: "s3cret-fixture-first" };
const second = { id: "app", key: "s3cret-fixture-second" };

function open(working: Set<string>) {
  const declared = declarePayments(async (key) => working.has(key));
  return mockSecrets({ "payments/api": first }, { declare: declared });
}

test("a key that the service does not take yet changes nothing, and is used once it does", async () => {
  const working = new Set([first.key]);
  await using secrets = open(working);
  await secrets.ready();
  secrets.set("payments/api", second);
  await secrets.flush();
  expect(secrets.latest("payments").reveal()).toEqual(first);
  expect(secrets.health()).toMatchObject({ status: "degraded", secrets: [{ reason: "declined" }] });
  working.add(second.key);
  await secrets.clock.advance(120_000);
  expect(secrets.latest("payments").reveal()).toEqual(second);
});

afterEach(() => vi.unstubAllEnvs());

test("a client without a document reads variables, and asks about the first key too", async () => {
  vi.stubEnv("TACIT_CONFIG", undefined);
  vi.stubEnv("PAYMENTS_API__ID", "app");
  vi.stubEnv("PAYMENTS_API__KEY", first.key);
  const asked: string[] = [];
  await using secrets = await start(async (key) => asked.push(key) === 1);
  expect(asked).toEqual([first.key]);
  expect(secrets.latest("payments").reveal()).toEqual(first);
});

test("a first key that does not work keeps the service from starting", async () => {
  await using secrets = open(new Set());
  const starting = secrets.ready().catch((error: unknown) => error);
  await secrets.clock.advance(15_000);
  expect(await starting).toMatchObject({ code: "NOT_READY", errors: [{ reason: "declined" }] });
});

test("a call that is refused is made once more with the key that has come since", async () => {
  await using secrets = open(new Set([first.key, second.key]));
  await secrets.ready();
  const tried: string[] = [];
  const paid = await pay(secrets, async (key) => {
    tried.push(key);
    if (key !== first.key) return "paid";
    secrets.set("payments/api", second);
    throw new Error("401");
  });
  expect(paid).toBe("paid");
  expect(tried).toEqual([first.key, second.key]);
});
