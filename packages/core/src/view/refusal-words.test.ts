import { describe, expect, test } from "vitest";
import { z } from "zod";
import { declaredClient } from "../../test/declared-client.ts";
import { advanceUntil } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { text } from "../decode/text.ts";
import { SecretError } from "../error/secret-error.ts";
import type { SecretEvent, SecretEventType } from "../events/events.ts";
import type { Secret } from "../secret/secret.ts";

const password = "s3cret-fixture-of-db";

/** What a database driver throws. */
class PostgresError extends Error {
  override readonly name = "PostgresError";
  readonly code = "28P01";
}

/** What an operator sees of a refusal: `ready()`, the two events and health. */
async function seenOf(declare: Parameters<typeof declaredClient>[0], value: string | Record<string, string>) {
  const made = declaredClient(declare, { supports: { subscribe: "local" } });
  const [alias] = Object.keys(declare.declarations);
  made.store.set("db", value);
  const error: SecretError = await advanceUntil(
    made.clock,
    made.secrets.ready().catch((thrown) => thrown),
  );
  return { ...made, alias, error, problem: error.errors?.[0] as SecretError, health: made.secrets.health().secrets[0] };
}

function eventOf(events: readonly SecretEvent[], type: SecretEventType): SecretEvent | undefined {
  return events.find((event) => event.type === type);
}

const throwing = (thrown: unknown) => (): never => {
  throw thrown;
};

describe("a refusal by accept", () => {
  test("is reported in the message, events and health with the function that threw, its error code and its message", async () => {
    const accept = (next: Secret): never => {
      throw new PostgresError(`password authentication failed for user "app" with ${next.reveal()}`);
    };
    const { problem, health, events, error } = await seenOf(declareSecrets({ db: { ref: "db", accept } }), password);
    const words =
      '`accept` threw PostgresError 28P01: password authentication failed for user "app" with [REDACTED:db]';
    const message = `the value of "db" was refused: ${words}`;
    const cause = { name: "PostgresError", code: "28P01" };
    expect(problem).toMatchObject({ code: "REFUSED", reason: "threw", message, cause });
    const told = { code: "REFUSED", reason: "threw", cause };
    expect(eventOf(events, "refused")).toMatchObject({ ...told, message: `${message} (REFUSED/threw)` });
    expect(eventOf(events, "error")).toMatchObject({
      ...told,
      message: `${message} (REFUSED/threw); nothing is served`,
    });
    expect(health).toMatchObject({ state: "down", code: "REFUSED", reason: "threw", message, cause });
    expect(error.message).toContain(words);
  });

  test.each<[string, string, string]>([
    ["as it is", "s3cret-fixture-of-db", "s3cret-fixture-of-db is wrong"],
    ["in base64", "s3cret-fixture-of-db", Buffer.from("s3cret-fixture-of-db").toString("base64")],
    ["in a URL", "s3cret:fixture/of db", `postgres://app:${encodeURIComponent("s3cret:fixture/of db")}@db/app`],
    ["too short to be masked", "hunter2", "the password hunter2 is wrong"],
    ["too short, in a JSON string", '{"password":"hunter2"}', "hunter2"],
  ])("shows nothing of a value that nobody revealed: %s", async (_how, value, message) => {
    const accept = throwing(new Error(message));
    const { problem, health, events } = await seenOf(declareSecrets({ db: { ref: "db", accept } }), value);
    const seen = JSON.stringify([problem, problem.message, problem.stack, `${problem.cause}`, health, events]);
    for (const part of ["hunter2", "s3cret", "czNjcmV0"]) expect(seen).not.toContain(part);
  });

  test("keeps a word that names no secret: the user beside a password", async () => {
    const accept = throwing(new Error('role "app" may not log in'));
    const declare = declareSecrets({ db: { ref: "db", as: object(["username", "password"]), accept } });
    const { problem } = await seenOf(declare, { username: "app", password });
    expect(problem.message).toContain('role "app" may not log in');
  });

  test("is on one line and bounded", async () => {
    const accept = throwing(new Error(`one\ntwo\u001b[31m ${"long ".repeat(200)}`));
    const { problem } = await seenOf(declareSecrets({ db: { ref: "db", accept } }), password);
    expect(problem.message).toMatch(/Error: one two \[31m long .*\.\.\.$/);
    expect(problem.message.length).toBeLessThan(400);
  });

  test("without a message says the class and the code", async () => {
    const accept = throwing(Object.assign(new Error(""), { code: 18, status: 403 }));
    const { problem } = await seenOf(declareSecrets({ db: { ref: "db", accept } }), password);
    expect(problem.message).toBe('the value of "db" was refused: `accept` threw Error 18 403');
  });

  test("that returns false is reported as such", async () => {
    const { problem } = await seenOf(declareSecrets({ db: { ref: "db", accept: () => false } }), password);
    expect(problem).toMatchObject({ code: "REFUSED", reason: "declined", retryable: true });
    expect(problem.message).toBe('the value of "db" was refused: `accept` returned false');
  });

  test("that is caused by the error of another secret has its code and message", async () => {
    const accept = throwing(new SecretError("NOT_FOUND", '"tls" does not exist', { reference: "tls" }));
    const { problem, eventsOf } = await seenOf(declareSecrets({ db: { ref: "db", accept } }), password);
    expect(problem.message).toContain('SecretError NOT_FOUND: "tls" does not exist');
    expect(eventsOf("refused")[0]?.cause).toEqual({ name: "SecretError", code: "NOT_FOUND" });
  });
});

describe("a refusal by derive", () => {
  const refused = { name: "Error", code: "ECONNREFUSED" };
  const down = (): never => {
    throw Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
  };

  test("before the first value is reported like one by accept", async () => {
    const { secrets, store, clock, events } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    store.set("db", password);
    secrets.derive("db", { open: down });
    const error = await advanceUntil(
      clock,
      secrets.ready().catch((thrown: SecretError) => thrown),
    );
    const message =
      'the value of "db" was refused: `open` of `derive` threw Error ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:5432';
    expect(error).toMatchObject({ errors: [{ code: "REFUSED", reason: "threw", message, cause: refused }] });
    expect(eventOf(events, "refused")).toMatchObject({ message: `${message} (REFUSED/threw)`, cause: refused });
  });

  test("of a value that is current already is reported by the listener's event and by ready", async () => {
    const { secrets, store, clock, events } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    store.set("db", password);
    await secrets.ready();
    secrets.derive("db", { open: (secret) => throwing(new TypeError(`no ${secret.reveal()}`))() });
    const error = await advanceUntil(
      clock,
      secrets.ready().catch((thrown: SecretError) => thrown),
    );
    const message = 'the value of "db" was refused: `open` of `derive` threw TypeError: no [REDACTED:db]';
    expect(error).toMatchObject({ errors: [{ code: "REFUSED", message, cause: { name: "TypeError" } }] });
    expect(eventOf(events, "listener-failed")).toMatchObject({
      event: "derive.open",
      message: `a listener of "derive.open" for "db" failed with TypeError: ${message}`,
      cause: { name: "TypeError" },
    });
  });
});

describe("a schema", () => {
  test("that does not accept the value is reported by events and health with paths and codes", async () => {
    const as = object(z.object({ port: z.coerce.number(), user: z.string().min(3) }));
    const { health, eventsOf } = await seenOf(declareSecrets({ db: { ref: "db", as } }), { port: "x", user: "ab" });
    const issues = [
      { path: "port", code: "invalid_type" },
      { path: "user", code: "too_small" },
    ];
    expect(eventsOf("refused")[0]).toMatchObject({ code: "INVALID_VALUE", reason: "schema", issues });
    expect(health).toMatchObject({ code: "INVALID_VALUE", reason: "schema", issues });
  });

  test.each([
    ["throws", (): never => throwing(new RangeError(`cannot use ${password}`))()],
    ["rejects", async (): Promise<never> => throwing(new RangeError(`cannot use ${password}`))()],
  ])("that %s is REFUSED, with its words masked", async (_how, validate) => {
    const schema = { "~standard": { version: 1, vendor: "test", validate } } as const;
    const { problem, health } = await seenOf(declareSecrets({ db: { ref: "db", as: text(schema) } }), password);
    const message = 'the schema of "db" threw RangeError: cannot use [REDACTED:db]';
    expect(problem).toMatchObject({ code: "REFUSED", reason: "threw", retryable: false, message });
    expect(health).toMatchObject({ code: "REFUSED", message });
  });
});
