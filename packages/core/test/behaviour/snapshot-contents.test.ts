import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { object } from "../../src/decode/object.ts";
import { SecretError } from "../../src/error/secret-error.ts";
import { leakCheck } from "../../src/testing/leak-check.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { LeasingStore } from "../leasing-store.ts";
import { SnapshotMachine, type SnapshotProcess } from "../snapshot/snapshot-client.ts";

const db = { db: { ref: "db", as: object(["user", "password"]) } };
const values = { user: "s3cret-fixture-user", password: "s3cret-fixture-password" };
const bindings = {
  db: {
    fields: {
      user: { provider: "store", path: "db/user" },
      password: { provider: "other", path: "db", select: "password" },
    },
  },
};
const composed = { providers: { store: { use: "scripted" }, other: { use: "other" } }, bindings };

async function composedMachine(): Promise<SnapshotMachine> {
  const machine = new SnapshotMachine(manualClock());
  const first = machine.start(db, composed);
  first.store.set("db/user", values.user);
  first.other.set("db", { password: values.password });
  await machine.until(first.secrets.ready());
  await first.secrets.close();
  return machine;
}

function problemOf(machine: SnapshotMachine, { secrets }: SnapshotProcess): Promise<SecretError> {
  const failing = secrets.ready().then(
    () => new SecretError("INTERNAL", "it was ready"),
    (error: unknown) => error as SecretError,
  );
  return machine.until(failing);
}

test("restores a secret that is composed of several stores, of which one is down", async () => {
  const machine = await composedMachine();
  const second = machine.start(db, composed);
  second.store.set("db/user", "s3cret-fixture-newer");
  second.other.fail("UNAVAILABLE");
  await machine.until(second.secrets.ready());
  const secret = (await second.secrets.getSecret("db" as never)) as unknown as { reveal(): unknown };
  expect(secret.reveal()).toEqual(values);
  await second.secrets.close();
});

test("restores no composed secret of which one part came from elsewhere", async () => {
  const machine = await composedMachine();
  const moved = {
    ...composed,
    providers: { ...composed.providers, other: { use: "other", url: "https://elsewhere" } },
  };
  const second = machine.start(db, moved);
  second.other.fail("UNAVAILABLE");
  const { errors } = await problemOf(machine, second);
  expect(errors?.at(-1)).toMatchObject({ reason: "snapshot-other-provider", reference: "db" });
  await second.secrets.close();
});

test("writes nothing that a store issues, also where it leases nothing", async () => {
  const machine = new SnapshotMachine(manualClock());
  const store = new LeasingStore(machine.clock);
  store.leases = false;
  const { secrets } = machine.start(
    { issued: { ref: "creds/a#password" }, kept: { ref: "static/a#password" } },
    { providers: { store: { use: "leasing" } } },
    { adapters: { leasing: store.adapter() } },
  );
  await machine.until(secrets.ready());
  await secrets.close();
  expect(machine.names()).toEqual(["static/a"]);
});

test("refuses keys that a store would have to give", async () => {
  const machine = new SnapshotMachine(manualClock());
  const keys = [{ use: "local", key: { $secret: "db" } }];
  const process = machine.start(db, { snapshot: { keys } });
  process.store.set("db", values.password);
  const error = await problemOf(machine, process);
  expect((error.errors ?? [error])[0]).toMatchObject({ code: "INVALID_CONFIG", reason: "secret-source" });
  expect(machine.ring.wraps).toBe(0);
});

test.each<[string, (machine: SnapshotMachine) => void]>([
  ["is restored", () => undefined],
  [
    "has another seal",
    ({ path }) => writeFileSync(path, readFileSync(path, "utf8").replace('"seal":"', '"seal":"AAAA')),
  ],
  ["has a key service that talks", ({ ring }) => Object.assign(ring, { fault: new Error(values.password) })],
])("neither an event nor an error nor health holds a value when it %s", async (_, change) => {
  const machine = await composedMachine();
  change(machine);
  const second = machine.start(db, composed);
  second.other.fail("UNAVAILABLE");
  const problem = await problemOf(machine, second);
  const sinks = [second.events, problem, problem.errors, second.secrets.health(), readFileSync(machine.path, "utf8")];
  expect(second.events.filter(({ type }) => type.startsWith("snapshot"))).toHaveLength(1);
  leakCheck(Object.values(values)).assertNoLeak(...sinks);
  await second.secrets.close();
});
