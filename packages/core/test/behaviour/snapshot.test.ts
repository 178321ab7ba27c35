import { existsSync, readFileSync, statSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { SecretError } from "../../src/error/secret-error.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { SnapshotMachine, type SnapshotProcess } from "../snapshot/snapshot-client.ts";

const one = { a: { ref: "a" } };
const hour = 3_600_000;
const chain = {
  providers: { store: { use: "scripted" }, other: { use: "other" } },
  routes: [{ match: "**", to: ["store", "other"], fallbackOn: ["UNAVAILABLE"] }],
};

async function machineWith(declare: object, config: Readonly<Record<string, unknown>> = {}): Promise<SnapshotMachine> {
  const machine = new SnapshotMachine(manualClock());
  const first = machine.start(declare, config);
  for (const name of ["a", "b", "db/a"]) first.store.set(name, `s3cret-fixture-${name}`);
  await machine.until(first.secrets.ready());
  await first.secrets.close();
  return machine;
}

function down(process: SnapshotProcess): SnapshotProcess {
  process.store.fail("UNAVAILABLE");
  return process;
}

async function problemOf(machine: SnapshotMachine, { secrets }: SnapshotProcess): Promise<SecretError> {
  return (await machine.until(secrets.ready().catch((error: unknown) => error))) as SecretError;
}

function reveal({ secrets }: SnapshotProcess, alias = "a"): unknown {
  return (secrets.latest(alias as never) as unknown as { reveal(): unknown }).reveal();
}

const metaOf = ({ secrets }: SnapshotProcess): { readonly snapshot?: true; readonly confirmedAt: Date } =>
  (secrets.latest("a" as never) as unknown as { meta: never }).meta;

test.each(["UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED"] as const)(
  "starts with the values of the snapshot when a first load fails with %s",
  async (code) => {
    const machine = await machineWith(one);
    await machine.clock.advance(hour);
    const second = machine.start(one);
    second.store.fail(code);
    await machine.until(second.secrets.ready());
    expect(reveal(second)).toBe("s3cret-fixture-a");
    expect(metaOf(second).snapshot).toBe(true);
    const { status, secrets } = second.secrets.health();
    expect(status).toBe("degraded");
    expect(secrets[0]).toMatchObject({ state: "stale", snapshot: true, code });
    expect(secrets[0]?.ageMs).toBeGreaterThanOrEqual(hour);
    expect(second.events.filter(({ type }) => type === "snapshot")).toMatchObject([
      { reference: "a", provider: "store" },
    ]);
    await second.secrets.close();
  },
);

test.each(["PERMISSION_DENIED", "NOT_FOUND", "INVALID_VALUE"] as const)(
  "uses nothing of it when the store answers %s",
  async (code) => {
    const machine = await machineWith(one);
    const second = machine.start(one);
    second.store.fail(code, { definitive: false });
    expect(await problemOf(machine, second)).toMatchObject({ code: "NOT_READY" });
    expect(machine.ring.unwraps).toBe(0);
    await second.secrets.close();
  },
);

test("the next good answer replaces what was restored", async () => {
  const machine = await machineWith(one);
  const second = down(machine.start(one));
  await machine.until(second.secrets.ready());
  second.store.heal();
  second.store.set("a", "s3cret-fixture-new");
  await machine.clock.advance(300_000);
  expect(reveal(second)).toBe("s3cret-fixture-new");
  expect(metaOf(second).snapshot).toBeUndefined();
  expect(second.secrets.health()).toMatchObject({ status: "ok" });
  await second.secrets.close();
});

test("forgets what it read of the file once every secret has a value of its store", async () => {
  const both = { a: { ref: "a" }, b: { ref: "b" } };
  const machine = await machineWith(both);
  const second = down(machine.start(one));
  await machine.until(second.secrets.ready());
  second.store.heal();
  second.store.set("a", "s3cret-fixture-new");
  await machine.written(second, 300_000);
  machine.ring.fault = new SecretError("PERMISSION_DENIED", "the key is denied");
  down(second);
  const reading = second.secrets.getSecret("b" as never).catch((error: unknown) => error);
  expect(await machine.until(reading)).toMatchObject({ code: "UNAVAILABLE" });
  expect(second.events.filter(({ type }) => type === "snapshot-failed")).toMatchObject([
    { action: "read", code: "PERMISSION_DENIED" },
  ]);
  await second.secrets.close();
});

test("the same answer ends the outage without a change", async () => {
  const machine = await machineWith(one);
  const second = down(machine.start(one));
  await machine.until(second.secrets.ready());
  second.store.heal();
  second.store.set("a", "s3cret-fixture-a");
  await machine.clock.advance(300_000);
  expect(metaOf(second).snapshot).toBeUndefined();
  expect(second.events.filter(({ type }) => type === "change")).toHaveLength(1);
  expect(second.events.filter(({ type }) => type === "recovered")).toHaveLength(1);
  await second.secrets.close();
});

test("ready does not fail for a provider that cannot be opened, where everything of it was restored", async () => {
  const machine = await machineWith(one);
  const second = machine.start(one);
  second.store.openError = new SecretError("UNAVAILABLE", "no login");
  await machine.until(second.secrets.ready());
  expect(reveal(second)).toBe("s3cret-fixture-a");
  await second.secrets.close();
});

test("ready fails for a provider that is wrong, also where everything behind it was restored", async () => {
  const machine = await machineWith(one, chain);
  const second = down(machine.start(one, chain));
  second.other.openError = new SecretError("INVALID_CONFIG", "no such region");
  const { errors } = await problemOf(machine, second);
  expect(reveal(second)).toBe("s3cret-fixture-a");
  expect(errors?.map(({ code }) => code)).toEqual(["INVALID_CONFIG"]);
  await second.secrets.close();
});

test("restores at the deadline of ready what hangs", async () => {
  const machine = await machineWith(one);
  const second = machine.start(one);
  second.store.hangs = true;
  const ready = second.secrets.ready({ timeout: "2s" });
  await machine.clock.advance(1_000);
  await machine.ring.unwrapped;
  await machine.clock.advance(1_000);
  await ready;
  expect(reveal(second)).toBe("s3cret-fixture-a");
  expect(second.secrets.health().secrets[0]).toMatchObject({ state: "stale", code: "UNAVAILABLE" });
  await second.secrets.close();
});

test("asks the other stores of a chain first", async () => {
  const machine = await machineWith(one, chain);
  const second = down(machine.start(one, chain));
  second.other.set("a", "s3cret-fixture-other");
  await machine.until(second.secrets.ready());
  expect(reveal(second)).toBe("s3cret-fixture-other");
  await second.secrets.close();
  const third = down(machine.start(one, chain));
  third.other.fail("UNAVAILABLE");
  await machine.until(third.secrets.ready());
  expect(reveal(third)).toBe("s3cret-fixture-other");
  third.store.heal();
  third.store.set("a", "s3cret-fixture-healed");
  await machine.clock.advance(300_000);
  expect(reveal(third)).toBe("s3cret-fixture-healed");
  await third.secrets.close();
});

test("refuses what is older than maxAge, and ready tells why beside the problem", async () => {
  const machine = await machineWith(one);
  await machine.clock.advance(25 * hour);
  const second = down(machine.start(one));
  const { errors } = await problemOf(machine, second);
  expect(errors?.map(({ code, reason }) => [code, reason])).toEqual([
    ["UNAVAILABLE", undefined],
    ["INVALID_VALUE", "snapshot-expired"],
  ]);
  await second.secrets.close();
});

test("refuses what another document's provider gave", async () => {
  const machine = await machineWith(one);
  const second = down(machine.start(one, { providers: { store: { use: "scripted", url: "https://elsewhere" } } }));
  const { errors } = await problemOf(machine, second);
  expect(errors?.at(-1)).toMatchObject({ reason: "snapshot-other-provider" });
  await second.secrets.close();
});

test("tells that a key service denies the key", async () => {
  const machine = await machineWith(one);
  machine.ring.fault = new SecretError("PERMISSION_DENIED", "the key is denied");
  const second = down(machine.start(one));
  const { errors } = await problemOf(machine, second);
  expect(errors?.at(-1)).toMatchObject({ code: "PERMISSION_DENIED" });
  await second.secrets.close();
});

test("a key service that hangs delays a start by ten seconds at most", async () => {
  const machine = await machineWith(one);
  machine.ring.hangs = true;
  const second = down(machine.start(one));
  const { errors } = await problemOf(machine, second);
  expect(errors?.at(-1)).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
  await second.secrets.close();
});

test("holds only names of `only`, encrypted, for this user alone", async () => {
  const machine = await machineWith(
    { a: { ref: "a" }, b: { ref: "b" }, c: { ref: "db/a" } },
    { snapshot: { only: ["a", "db/**"] } },
  );
  const text = readFileSync(machine.path, "utf8");
  expect(machine.names()).toEqual(["a", "db/a"]);
  expect(text).not.toContain("s3cret-fixture");
  expect(statSync(machine.path).mode & 0o777).toBe(0o600);
});

test("holds no name outside `allow`, though an earlier file held it", async () => {
  const both = { a: { ref: "a" }, b: { ref: "b" } };
  const machine = await machineWith(both);
  expect(machine.names()).toEqual(["a", "b"]);
  const second = machine.start(one, { allow: ["a"] });
  second.store.set("a", "s3cret-fixture-later");
  await machine.until(second.secrets.ready());
  const reading = second.secrets.getSecret("b" as never).catch((error: unknown) => error);
  expect(await machine.until(reading)).toMatchObject({ code: "PERMISSION_DENIED", reason: "not-allowed" });
  await second.secrets.close();
  expect(machine.names()).toEqual(["a"]);
});

test("a drop removes the file before it returns, and it is written again without the value", async () => {
  const both = { a: { ref: "a" }, b: { ref: "b" } };
  const machine = await machineWith(both);
  const second = machine.start(both);
  second.store.set("a", "s3cret-fixture-a");
  second.store.set("b", "s3cret-fixture-b");
  await second.secrets.ready();
  expect(existsSync(machine.path)).toBe(true);
  second.secrets.invalidate("a", { drop: true });
  expect(existsSync(machine.path)).toBe(false);
  await second.secrets.close();
  expect(machine.names()).toEqual(["b"]);
});

test("writes no lease", async () => {
  const machine = new SnapshotMachine(manualClock());
  const first = machine.start({ a: { ref: "a" }, b: { ref: "b" } });
  first.store.set("b", "s3cret-fixture-b");
  first.store.set("a", "s3cret-fixture-a", {
    lease: { id: "lease-1", durationMs: 3_600_000, renewable: false },
  } as never);
  await first.secrets.ready();
  await first.secrets.close();
  expect(machine.names()).toEqual(["b"]);
});

test("writes at most every ten seconds, and again before half of maxAge has passed", async () => {
  const machine = new SnapshotMachine(manualClock());
  const first = machine.start(one, { snapshot: { maxAge: "1h" } });
  first.store.set("a", "s3cret-fixture-1");
  await first.secrets.ready();
  const written = (): number => Number(first.secrets.health().snapshot?.writtenAt ?? 0);
  await machine.written(first, 1_000);
  const firstAt = written();
  first.store.set("a", "s3cret-fixture-2");
  await first.secrets.getSecret("a", { freshness: "fresh" });
  await machine.clock.advance(8_000);
  expect(written()).toBe(firstAt);
  await machine.written(first, 2_000);
  const secondAt = written();
  expect(secondAt - firstAt).toBeGreaterThanOrEqual(10_000);
  await machine.written(first, hour / 2);
  expect(written()).toBeGreaterThan(secondAt);
  await first.secrets.close();
});

test("a value that the schema refuses is not restored, and the outage stays the problem", async () => {
  const machine = await machineWith(one);
  const second = down(machine.start({ a: { ref: "a", accept: () => false } }));
  expect(await problemOf(machine, second)).toMatchObject({ errors: [{ code: "UNAVAILABLE" }] });
  await second.secrets.close();
});

test("keeps what a secret needs that cannot be read yet", async () => {
  const both = { a: { ref: "a" }, b: { ref: "b" } };
  const machine = await machineWith(both);
  const second = machine.start(both);
  second.store.set("a", "s3cret-fixture-2");
  second.store.failPath("b", "UNAVAILABLE");
  await machine.until(second.secrets.ready());
  await second.secrets.close();
  const third = down(machine.start(both));
  await machine.until(third.secrets.ready());
  expect([reveal(third), reveal(third, "b")]).toEqual(["s3cret-fixture-2", "s3cret-fixture-b"]);
  await third.secrets.close();
});

test("a snapshot that cannot be written degrades health, and fails no read", async () => {
  const machine = new SnapshotMachine(manualClock());
  machine.ring.fault = new SecretError("PERMISSION_DENIED", "the key is denied");
  const first = machine.start(one);
  first.store.set("a", "s3cret-fixture-a");
  await machine.until(first.secrets.ready());
  const told = new Promise<void>((resolve) => void first.secrets.events.once("snapshot-failed", () => resolve()));
  await machine.clock.advance(1_000);
  await told;
  expect(first.secrets.health()).toMatchObject({ status: "degraded", snapshot: { code: "PERMISSION_DENIED" } });
  expect(reveal(first)).toBe("s3cret-fixture-a");
  await first.secrets.close();
});

test("close ends at its deadline while a key service hangs, and leaves the file as it was", async () => {
  const machine = await machineWith(one);
  const before = readFileSync(machine.path, "utf8");
  machine.ring.hangs = true;
  const second = machine.start(one);
  second.store.set("a", "s3cret-fixture-later");
  await machine.until(second.secrets.ready());
  let isClosed = false;
  const closing = second.secrets.close({ timeout: "3s" }).then(() => {
    isClosed = true;
  });
  await machine.clock.advance(2_999);
  expect(isClosed).toBe(false);
  await machine.clock.advance(1);
  await closing;
  // The key service is let go, and what it answers later is not written.
  for (let turns = 0; machine.ring.closings < 2 && turns < 1_000; turns += 1) await turn();
  expect(machine.ring.closings).toBe(2);
  expect(readFileSync(machine.path, "utf8")).toBe(before);
});

test("a document with a snapshot wants the key services from the application", async () => {
  const machine = new SnapshotMachine(manualClock());
  const { secrets } = machine.start(one, {}, { keys: undefined });
  await expect(machine.until(secrets.ready())).rejects.toThrow("did not pass the key services");
});
