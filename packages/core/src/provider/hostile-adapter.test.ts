import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { advanceUntil } from "../../test/scripted-client.ts";
import { createSecrets } from "../client/secrets.ts";
import type { Adapter, Provider, ProviderHost } from "../contract/contract.ts";
import { declareSecrets } from "../declare/declare.ts";
import { SecretError } from "../error/secret-error.ts";
import { createRedactor } from "../redact/redactor.ts";
import { manualClock } from "../testing/manual-clock.ts";

const value = "s3cret-fixture";
const token = "t0ken-fixture";

/** A client over one adapter, of which a test spoils a part; what it gets wrong is what plain JavaScript can. */
function clientOf(spoilt: { readonly adapter?: object; readonly provider?: object }) {
  const provider = {
    supports: { payload: "both", versions: false, subscribe: "local", conditional: false, defaultPollMs: 60_000 },
    get: async () => ({ status: "ok", version: "1", payload: { kind: "value", bytes: Buffer.from(value) } }),
  };
  const open = (_options: unknown, host: ProviderHost): Provider => {
    host.protect(token, "login");
    return Object.defineProperties(provider, Object.getOwnPropertyDescriptors(spoilt.provider ?? {})) as never;
  };
  const options = { "~standard": { version: 1, vendor: "test", validate: (given: unknown) => ({ value: given }) } };
  const adapter = { name: "spoilt", options: async () => options, open, ...spoilt.adapter };
  const clock = manualClock();
  const secrets = createSecrets({
    declare: declareSecrets({ db: { ref: "db" } }),
    strict: false,
    adapters: { spoilt: adapter as unknown as Adapter },
    config: { providers: { store: { use: "spoilt" } }, routes: [{ match: "**", to: ["store"] }] },
    redactor: createRedactor(),
    clock,
  });
  return { secrets, clock };
}

function problemOf(work: Promise<unknown>): Promise<SecretError> {
  return work.then(
    () => Promise.reject(new Error("nothing was thrown")),
    (error: SecretError) => error,
  );
}

const fail = (): never => {
  throw new Error(`cannot cope with ${value}`);
};

describe("a wrong result of an adapter becomes a SecretError that does not quote it:", () => {
  test.each([
    ["toPath throws", { adapter: { toPath: fail } }],
    [
      "supports throws",
      {
        provider: {
          get supports() {
            return fail();
          },
        },
      },
    ],
    ["supports is null", { provider: { supports: null } }],
    [
      "an answer throws when it is looked at",
      {
        provider: {
          get: async () => ({
            get status() {
              return fail();
            },
          }),
        },
      },
    ],
  ])("%s", async (_what, spoilt) => {
    const { secrets, clock } = clientOf(spoilt);
    for (const work of [() => secrets.ready(), () => secrets.getSecret("other")]) {
      const error = await advanceUntil(clock, problemOf(work()));
      expect(error).toBeInstanceOf(SecretError);
      for (const each of error.errors ?? [error]) expect(each.code).toMatch(/^(INTERNAL|INVALID_CONFIG)$/);
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(value);
    }
  });

  test.each([
    ["no list", {}],
    ["a list of nothing", [null]],
    ["a number", 5],
  ])("diagnose answers %s", async (_what, answer) => {
    const { secrets } = clientOf({ provider: { diagnose: async () => answer } });
    expect(await secrets.diagnose()).toMatchObject([{ level: "error", code: "internal", provider: "store" }]);
  });

  test.each([undefined, null, {}])("subscribe answers %o", async (subscription) => {
    const { secrets } = clientOf({ provider: { subscribe: async () => subscription } });
    await secrets.ready();
    expect(secrets.health()).toMatchObject({ status: "degraded", providers: [{ changes: "poll", degraded: true }] });
    await secrets.close();
  });
});

const never = (): Promise<never> => new Promise<never>(() => undefined);
const subscribed = (subscription: object) => ({ provider: { subscribe: async () => subscription } });
const dispose = Symbol.asyncDispose;

describe("an adapter that fails outside a read does not affect reads or the close of the client:", () => {
  test.each<[string, Parameters<typeof clientOf>[0], boolean]>([
    ["isDynamic throws", { provider: { isDynamic: fail } }, true],
    ["isDynamic is no function", { provider: { isDynamic: 5 } }, false],
    ["subscribe throws at once", { provider: { subscribe: fail } }, false],
    ["subscribe never answers", { provider: { subscribe: never } }, false],
    ["a subscription ends with a throw", subscribed({ [dispose]: fail }), true],
    ["a subscription ends with a rejection", subscribed({ [dispose]: async () => fail() }), true],
    ["a subscription never ends", subscribed({ [dispose]: never }), false],
    [
      "the state of a subscription throws",
      subscribed({
        [dispose]: async () => undefined,
        get state() {
          return fail();
        },
      }),
      true,
    ],
    ["diagnose throws at once", { provider: { diagnose: fail } }, false],
    ["diagnose never answers", { provider: { diagnose: never } }, false],
    ["check throws at once", { provider: { check: fail } }, false],
    ["close throws at once", { provider: { close: fail } }, true],
    ["close rejects", { provider: { close: async () => fail() } }, true],
    ["close never ends", { provider: { close: never } }, false],
  ])("%s", async (_what, spoilt, isTold) => {
    const { secrets, clock } = clientOf(spoilt);
    const told: unknown[] = [];
    secrets.events.on("provider-degraded", (event) => told.push(event));
    await advanceUntil(clock, secrets.ready());
    expect(secrets.latest("db").reveal()).toBe(value);
    const health = secrets.health();
    expect(health.secrets).toMatchObject([{ reference: "db", state: "live" }]);
    const findings = await advanceUntil(clock, secrets.diagnose());
    await advanceUntil(clock, secrets.close(), 10_000);
    const faults = told.filter((event) => (event as { code: string }).code === "adapter-fault");
    expect(faults).toHaveLength(isTold ? 1 : 0);
    expect(inspect([told, health, findings], { depth: 10, showHidden: true })).not.toContain(value);
  });

  test.each([Number.NaN, 0, -5, "10s", Number.POSITIVE_INFINITY, undefined])(
    "a defaultPollMs of %s is read neither all the time nor never",
    async (defaultPollMs) => {
      let reads = 0;
      const supports = { payload: "both", versions: false, subscribe: false, conditional: false, defaultPollMs };
      const get = async () => {
        reads += 1;
        return { status: "ok", version: "1", payload: { kind: "value", bytes: Buffer.from(value) } };
      };
      const { secrets, clock } = clientOf({ provider: { supports, get } });
      await advanceUntil(clock, secrets.ready());
      await clock.advance(60 * 60_000);
      expect(reads).toBeGreaterThan(5);
      expect(reads).toBeLessThan(20);
      await secrets.close();
    },
  );

  test("hints at any time, with any argument, do not throw, and cause no read after the close", async () => {
    const hints: ((...nonsense: unknown[]) => void)[] = [];
    let reads = 0;
    const { secrets, clock } = clientOf({
      provider: {
        get: async () => {
          reads += 1;
          return { status: "ok", version: "1", payload: { kind: "value", bytes: Buffer.from(value) } };
        },
        subscribe: async (_paths: unknown, hint: () => void) => {
          hints.push(hint);
          hint();
          return { [dispose]: async () => hint() };
        },
      },
    });
    await advanceUntil(clock, secrets.ready());
    for (const hint of hints) hint({ toString: fail }, null, 5);
    await clock.advance(10_000);
    await advanceUntil(clock, secrets.close());
    const before = reads;
    for (const hint of hints) hint();
    await clock.advance(60_000);
    expect([hints.length, reads]).toEqual([1, before]);
  });

  test("toPath answers a number", async () => {
    const { secrets, clock } = clientOf({ adapter: { toPath: () => 5 } });
    const error = await advanceUntil(clock, problemOf(secrets.getSecret("other")));
    expect(error.errors?.[0] ?? error).toMatchObject({ code: "INVALID_CONFIG", reason: "invalid-adapter" });
  });
});

describe("an adapter cannot change later what it returned before:", () => {
  test("a buffer, a date and labels that it writes again", async () => {
    const bytes = Buffer.from(value);
    const [createdAt, refreshAt] = [new Date(1_000), new Date(10 ** 12)];
    const labels = { team: "orders" };
    const answer = { status: "ok", version: "1", payload: { kind: "value", bytes }, createdAt, refreshAt, labels };
    const { secrets, clock } = clientOf({ provider: { get: async () => answer } });
    await advanceUntil(clock, secrets.ready());
    bytes.fill(0);
    createdAt.setTime(Number.NaN);
    refreshAt.setTime(0);
    labels.team = value;
    const { meta } = secrets.latest("db");
    expect([secrets.latest("db").reveal(), meta.createdAt, meta.labels]).toEqual([
      value,
      new Date(1_000),
      { team: "orders" },
    ]);
  });

  test("a token that it wipes once it is protected", async () => {
    const bytes = Buffer.from("t0ken-fixture-wiped");
    const open = (_options: unknown, host: ProviderHost): never => {
      host.protect(bytes, "wiped");
      bytes.fill(0);
      throw new SecretError("UNAVAILABLE", "refused t0ken-fixture-wiped");
    };
    const { secrets, clock } = clientOf({ adapter: { open } });
    const error = await advanceUntil(clock, problemOf(secrets.getSecret("other")));
    expect(error.message).toBe("refused [REDACTED:wiped]");
  });
});

describe("a read", () => {
  test.each<[string, () => unknown, string]>([
    ["that throws at once", fail, "INTERNAL"],
    ["that answers nothing", () => undefined, "INTERNAL"],
    ["that answers a text", async () => value, "INTERNAL"],
    // biome-ignore lint/suspicious/noThenProperty: it is what an adapter may get wrong
    ["whose answer cannot be awaited", () => Object.defineProperty({}, "then", { value: fail }), "INTERNAL"],
    ["that rejects with nothing", () => Promise.reject(), "INTERNAL"],
    ["that rejects with a text", () => Promise.reject(value), "INTERNAL"],
    ["that never answers", never, "UNAVAILABLE"],
  ])("%s fails as the adapter's, and ends", async (_what, get, code) => {
    const { secrets, clock } = clientOf({ provider: { get } });
    const error = await advanceUntil(clock, problemOf(secrets.getSecret("other")));
    expect(error).toMatchObject({ code, provider: "store" });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(value);
  });
});

describe("a token that an adapter protects is masked", () => {
  const told = (error: SecretError): string =>
    [error, error.cause].map((each) => inspect(each, { depth: 10, showHidden: true })).join("\n");

  test.each([
    ["in a message", () => new SecretError("PERMISSION_DENIED", `refused ${token}`)],
    ["in a tip", () => new SecretError("PERMISSION_DENIED", "refused", { tip: `Log in as ${token}.` })],
    [
      "in a cause",
      () => new SecretError("PERMISSION_DENIED", "refused", { cause: new SecretError("INTERNAL", token) }),
    ],
    [
      "in one of several errors",
      () => new SecretError("PERMISSION_DENIED", "refused", { errors: [new SecretError("INTERNAL", token)] }),
    ],
  ])("%s", async (_where, thrown) => {
    const get = async (): Promise<never> => {
      throw thrown();
    };
    const { secrets, clock } = clientOf({ provider: { get } });
    const error = await advanceUntil(clock, problemOf(secrets.getSecret("other")));
    expect(told(error)).toContain("[REDACTED:login]");
    expect(told(error)).not.toContain(token);
  });

  test("in a finding", async () => {
    const finding = { level: "error", code: "odd", message: `saw ${token}`, tip: `drop ${token}` };
    const { secrets } = clientOf({ provider: { diagnose: async () => [finding] } });
    expect(await secrets.diagnose()).toMatchObject([{ message: "saw [REDACTED:login]", tip: "drop [REDACTED:login]" }]);
  });
});
