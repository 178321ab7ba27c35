import { expect, test } from "vitest";
import { createSecrets } from "../client/secrets.ts";
import { declareSecrets, object, type SecretsOf } from "../index.ts";
import { createRedactor } from "../redact/redactor.ts";
import { manualClock } from "./manual-clock.ts";
import { type MockControls, mockSecrets } from "./mock-secrets.ts";
import { MockStore } from "./mock-store.ts";

// Read once here: loading it takes real time, which a manual clock knows nothing of.
await import("../config/index.ts");

const declared = declareSecrets({
  db: {
    ref: "db/primary",
    as: object(["username", "password"]),
    overlap: "15m",
    accept: (next) => {
      if (next.reveal().password === "s3cret-fixture-refused") throw new Error("the login fails");
    },
  },
  extra: { ref: "extra", optional: true },
});
type Subject = SecretsOf<typeof declared> & Pick<MockControls, "set" | "remove" | "fail" | "hang" | "advance">;

const pair = (password: string) => ({ username: "app", password });
const values = { "db/primary": pair("s3cret-fixture-1") };
const config = {
  providers: { mock: { use: "mock" } },
  routes: [{ match: "**", to: ["mock"] }],
  cache: { maxStale: "10m" },
};

/** What `createSecrets` makes from a config document, over the same store and clock. */
function realClient(): Subject {
  const clock = manualClock();
  const store = new MockStore(clock);
  for (const [name, value] of Object.entries(values)) store.set(name, value);
  const schema = { "~standard": { version: 1, vendor: "test", validate: () => ({ value: {} }) } } as const;
  const adapters = { mock: { name: "mock", options: async () => schema, open: () => store } };
  const client = createSecrets({
    declare: declared,
    adapters,
    config,
    clock,
    random: () => 0.5,
    redactor: createRedactor(),
  });
  return Object.assign(client, {
    set: store.set.bind(store),
    remove: store.remove.bind(store),
    fail: (name: string, code: Parameters<MockControls["fail"]>[1]) => store.fail(name, code, Number.POSITIVE_INFINITY),
    hang: store.hang.bind(store),
    advance: clock.advance,
  });
}

const story: Readonly<Record<string, (subject: Subject) => void>> = {
  "rotates it": ({ set }) => set("db/primary", pair("s3cret-fixture-2")),
  "writes what accept refuses": ({ set }) => set("db/primary", pair("s3cret-fixture-refused")),
  "mends it": ({ set }) => set("db/primary", pair("s3cret-fixture-3")),
  "takes a field away": ({ set }) => set("db/primary", { username: "app" }),
  "denies it": ({ fail }) => fail("db/primary", "PERMISSION_DENIED"),
  "returns it": ({ set }) => set("db/primary", pair("s3cret-fixture-4")),
  "makes the store hang": ({ hang }) => hang("db/primary"),
  "adds the optional one": ({ set }) => set("extra", "s3cret-fixture-extra"),
  "removes both": ({ remove }) => {
    remove("extra");
    remove("db/primary");
  },
  "writes both again": ({ set }) => {
    set("extra", "s3cret-fixture-extra");
    set("db/primary", pair("s3cret-fixture-4"));
  },
  "breaks the store": ({ fail }) => fail("db/primary", "UNAVAILABLE"),
};

/** Everything that an application could tell the two apart by, step by step. */
async function play(subject: Subject): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for (const type of ["change", "refused", "delete", "error", "recovered", "provider-degraded"] as const)
    subject.events.on(type, (event: object) => seen.push({ ...event }));
  const watch = subject.watch("db");
  watch.on("change", ({ current, reason }) => seen.push([reason, current.reveal()]));
  watch.on("error", ({ code, reason }) => seen.push([code, reason]));
  await subject.ready();
  await subject.advance(1_000);
  // Its own start is where a mock is quicker; from here on they must agree.
  seen.length = 0;
  for (const [title, act] of Object.entries(story)) {
    act(subject);
    for (const ms of [1_000, 900_000]) {
      await subject.advance(ms);
      seen.push([title, ms, watch.state, subject.health().status, attempt(() => subject.latest("db").reveal())]);
      seen.push(attempt(() => [subject.latest("extra")?.reveal(), subject.accepted("db").map((one) => one.reveal())]));
    }
  }
  await subject.close();
  seen.push(attempt(() => subject.latest("db")));
  return seen;
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    const { code, reason, message } = error as Record<string, unknown>;
    return { code, reason, message };
  }
}

test("a mock tells the same story as a client that was made from a config document", async () => {
  const mocked = await play(mockSecrets(values, { declare: declared, maxStale: 600_000 }));
  expect(mocked).toEqual(await play(realClient()));
  const told = JSON.stringify(mocked);
  for (const word of ["rotated", "recreated", "refused", "delete", "PERMISSION_DENIED", "degraded", "stale", "CLOSED"])
    expect(told).toContain(word);
});

test("a mock has every member of a client, and its controls", () => {
  const mock = Object.keys(mockSecrets(values, { declare: declared }));
  expect(mock).toEqual(expect.arrayContaining(Object.keys(createSecrets({ declare: declared }))));
  expect(mock).toEqual(expect.arrayContaining(["set", "remove", "fail", "hang", "advance", "flush", "reads"]));
});
