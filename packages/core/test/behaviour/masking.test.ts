import { expect, test } from "vitest";
import { declareSecrets, json, type Secret, type StandardSchemaV1 } from "../../src/index.ts";
import { createRedactor, type Redactor } from "../../src/redact/redactor.ts";
import { declaredClient, nextPoll } from "../declared-client.ts";

/** A redactor that says how many registrations are held. */
function counting() {
  const redactor = createRedactor();
  const held = new Set<object>();
  const register: Redactor["register"] = (value, options) => {
    const release = redactor.register(value, options);
    const one = {};
    held.add(one);
    return () => {
      held.delete(one);
      release();
    };
  };
  return { redactor: { ...redactor, register }, held };
}

const anything: StandardSchemaV1<unknown, string> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: String(value) }) },
};

test("equal bytes under new versions are registered once, however often they are revealed", async () => {
  const { redactor, held } = counting();
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
    redactor,
    supports: { subscribe: "local" },
  });
  store.set("db", "s3cret-fixture");
  await secrets.ready();
  for (let n = 0; n < 300; n += 1) {
    store.set("db", "s3cret-fixture");
    store.hint("db");
    await clock.flush();
    secrets.latest("db").reveal();
  }
  expect(held.size).toBe(1);
  expect(secrets.redactor.redact("is s3cret-fixture")).toBe("is [REDACTED:db]");
});

test("each of many Secrets of equal bytes may be revealed, again and again, for one registration", async () => {
  const { redactor, held } = counting();
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
    redactor,
    supports: { subscribe: "local" },
  });
  store.set("db", "s3cret-fixture");
  await secrets.ready();
  const all: Secret[] = [];
  for (let n = 0; n < 50; n += 1) {
    store.set("db", "s3cret-fixture");
    store.hint("db");
    await clock.flush();
    all.push(secrets.latest("db"));
  }
  for (let round = 0; round < 3; round += 1) for (const secret of all) secret.reveal();
  expect(held.size).toBe(1);
});

test("a candidate that is refused again and again is registered no more often than once", async () => {
  const accept = (next: Secret<string>): boolean => next.reveal() === "one s3cret";
  const declared = declareSecrets({ db: { ref: "db", as: json(anything), accept } });
  const { redactor, held } = counting();
  const { secrets, store, clock } = declaredClient(declared, { redactor, supports: { subscribe: "local" } });
  store.set("db", '"one s3cret"');
  await secrets.ready();
  store.set("db", '"refused s3cret"');
  store.hint("db");
  await clock.advance(120_000);
  const afterTwoMinutes = held.size;
  await clock.advance(86_400_000);
  expect(held.size).toBeLessThanOrEqual(afterTwoMinutes);
  expect(held.size).toBeLessThanOrEqual(6);
});

test("values that were refused do not stay registered", async () => {
  const accept = (next: Secret): boolean => !next.reveal().startsWith("refused");
  const { redactor, held } = counting();
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", accept } }), {
    redactor,
    supports: { subscribe: "local" },
  });
  store.set("db", "good s3cret");
  await secrets.ready();
  for (let n = 0; n < 200; n += 1) {
    store.set("db", `refused s3cret ${n}`);
    store.hint("db");
    // As often as hints are followed at once.
    await clock.advance(100);
  }
  expect(held.size).toBeLessThanOrEqual(3);
  // A released value is still masked: it starts its grace period.
  expect(secrets.redactor.redact("refused s3cret 199")).toBe("[REDACTED:db]");
});

test("a value that is taken over after refusals stays registered until it is replaced", async () => {
  let allows = false;
  const accept = (next: Secret): boolean => next.reveal() !== "second s3cret" || allows;
  const { redactor, held } = counting();
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", accept } }), {
    redactor,
    supports: { subscribe: "local" },
  });
  store.set("db", "first s3cret");
  await secrets.ready();
  store.set("db", "second s3cret");
  store.hint("db");
  await clock.advance(120_000);
  allows = true;
  await clock.advance(120_000);
  expect(secrets.latest("db").reveal()).toBe("second s3cret");
  expect(held.size).toBeGreaterThanOrEqual(1);
  expect(secrets.redactor.redact("second s3cret")).toBe("[REDACTED:db]");
});

test("the previous value, revealed by those who accept it, is registered once", async () => {
  const declared = declareSecrets({ db: { ref: "db", overlap: "1h" } });
  const { redactor, held } = counting();
  const { secrets, store, clock } = declaredClient(declared, { redactor, supports: { subscribe: "local" } });
  store.set("db", "first s3cret");
  await secrets.ready();
  store.set("db", "second s3cret");
  store.hint("db");
  await clock.flush();
  for (let n = 0; n < 100; n += 1) for (const secret of secrets.accepted("db")) secret.reveal();
  expect(held.size).toBeLessThanOrEqual(2);
  await nextPoll({ clock });
  for (let n = 0; n < 100; n += 1) for (const secret of secrets.accepted("db")) secret.reveal();
  expect(held.size).toBeLessThanOrEqual(2);
});
