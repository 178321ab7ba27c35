import { describe, expect, test } from "vitest";
import { declareSecrets, type OpenSecrets, type SecretChange } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { advanceUntil, settledOf } from "../scripted-client.ts";

const declared = declareSecrets({ db: { ref: "db", onDelete: "clear", overlap: "1h" } });
type Secrets = OpenSecrets<{ readonly db: { readonly ref: "db" } }>;

const minute = 60_000;

async function client(config: Readonly<Record<string, unknown>> = {}) {
  const made = declaredClient(declared, { supports: { subscribe: "local", versions: false }, config });
  made.store.set("db", "one", { expiresAt: new Date(made.clock.now() + 60 * minute) });
  const watch = made.secrets.watch("db");
  const derived = made.secrets.derive("db", { open: (secret) => secret.reveal() });
  await made.secrets.ready();
  const hint = async (): Promise<void> => {
    made.store.hint("db");
    await made.clock.advance(1_000);
  };
  return { ...made, secrets: made.secrets as unknown as Secrets, watch, derived, hint };
}

type Client = Awaited<ReturnType<typeof client>>;

interface Situation {
  readonly title: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly error: { readonly code: string; readonly reason?: string };
  enter(client: Client): Promise<void>;
}

/** What forbids serving a value that is held, and what the client says then. */
const situations: readonly Situation[] = [
  {
    title: "past its own end",
    error: { code: "UNAVAILABLE", reason: "expired" },
    async enter({ store, clock }) {
      store.fail("UNAVAILABLE");
      await clock.advance(61 * minute);
    },
  },
  {
    title: "past its own end after the machine slept",
    error: { code: "UNAVAILABLE", reason: "expired" },
    async enter({ store, clock }) {
      store.fail("UNAVAILABLE");
      clock.suspend(120 * minute, { monotonicStops: true });
    },
  },
  {
    title: "past its own end after the event loop was blocked",
    error: { code: "UNAVAILABLE", reason: "expired" },
    async enter({ store, clock }) {
      store.fail("UNAVAILABLE");
      clock.suspend(61 * minute);
    },
  },
  {
    title: "past its own end after the wall clock was set forward",
    error: { code: "UNAVAILABLE", reason: "expired" },
    async enter({ store, clock }) {
      store.fail("UNAVAILABLE");
      clock.jump(61 * minute);
    },
  },
  {
    title: "that is denied under `onDenied: throw`",
    config: { onDenied: "throw" },
    error: { code: "PERMISSION_DENIED" },
    async enter({ store, hint }) {
      store.fail("PERMISSION_DENIED");
      await hint();
    },
  },
  {
    title: "that was deleted under `onDelete: clear`",
    error: { code: "NOT_FOUND" },
    async enter({ store, hint }) {
      store.remove("db");
      await hint();
    },
  },
  {
    title: "past maxStale",
    config: { cache: { maxStale: "2m" } },
    error: { code: "UNAVAILABLE", reason: "stale" },
    async enter({ store, hint, clock }) {
      store.fail("UNAVAILABLE");
      await hint();
      await clock.advance(3 * minute);
    },
  },
  {
    title: "past maxStale after the event loop was blocked",
    config: { cache: { maxStale: "2m" } },
    error: { code: "UNAVAILABLE", reason: "stale" },
    async enter({ store, hint, clock }) {
      store.fail("UNAVAILABLE");
      await hint();
      clock.suspend(3 * minute);
    },
  },
  {
    title: "that was dropped",
    error: { code: "NOT_READY", reason: "dropped" },
    async enter({ secrets }) {
      secrets.invalidate("db", { drop: true });
    },
  },
];

describe.each(situations)("a value $title", ({ config, error, enter }) => {
  const forbidden = expect.objectContaining(error);

  async function entered(): Promise<Client> {
    const made = await client(config);
    await enter(made);
    return made;
  }

  test.each<[string, (client: Client) => unknown]>([
    ["latest", ({ secrets }) => secrets.latest("db")],
    ["accepted", ({ secrets }) => secrets.accepted("db")],
    ["the latest of a watch", ({ watch }) => watch.latest],
    ["the latest of a new watch", ({ secrets }) => secrets.watch("db").latest],
    ["the current of a derived resource", ({ derived }) => derived.current],
  ])("is not handed out by %s", async (_, handOut) => {
    const made = await entered();
    expect(() => handOut(made)).toThrow(forbidden);
  });

  test.each<[string, (client: Client) => Promise<unknown>]>([
    ["getSecret", ({ secrets }) => secrets.getSecret("db")],
    ["the `ready` of a new watch", ({ secrets }) => secrets.watch("db").ready],
    ["use", ({ secrets }) => secrets.use("db", (secret) => secret.reveal(), { rejected: () => false })],
  ])("is not handed out by %s", async (_, handOut) => {
    const made = await entered();
    await expect(advanceUntil(made.clock, handOut(made))).rejects.toEqual(forbidden);
  });

  test("is not told to a listener that wants its initial value", async () => {
    const { watch, secrets, clock } = await entered();
    const told: string[] = [];
    const note = ({ current }: SecretChange): void => void told.push(current.reveal());
    watch.on("change", note, { initial: true });
    secrets.watch("db").on("change", note, { initial: true });
    await clock.advance(1_000);
    expect(told).toEqual([]);
  });

  test("is not told to a new iterator", async () => {
    const { watch, secrets, clock } = await entered();
    const first = settledOf(watch[Symbol.asyncIterator]().next());
    const second = settledOf(secrets.watch("db")[Symbol.asyncIterator]().next());
    await clock.advance(1_000);
    expect([first.now.state, second.now.state]).toEqual(["pending", "pending"]);
  });

  test("is not opened by a new derived resource", async () => {
    const { secrets, clock } = await entered();
    const opened: string[] = [];
    const derived = secrets.derive("db", { open: (secret) => opened.push(secret.reveal()) });
    await clock.advance(1_000);
    expect(opened).toEqual([]);
    expect(() => derived.current).toThrow(forbidden);
  });

  test("makes health say that its secret is down", async () => {
    const { secrets, clock } = await entered();
    await clock.advance(20_000);
    expect(secrets.health().status).toBe("down");
  });

  test.skipIf(error.reason === "dropped")(
    "that may be served again with equal content reaches the handles that came meanwhile, once",
    async () => {
      const { secrets, watch, store, clock, hint } = await entered();
      const told: string[] = [];
      const note = ({ current }: SecretChange): void => void told.push(current.reveal());
      watch.on("change", note, { initial: true });
      const next = settledOf(watch[Symbol.asyncIterator]().next());
      const derived = secrets.derive("db", { open: (secret) => `for ${secret.reveal()}` });
      await clock.flush();
      store.heal();
      store.set("db", "one");
      await hint();
      await clock.advance(2 * minute);
      expect(secrets.latest("db").reveal()).toBe("one");
      expect(told).toEqual(["one"]);
      expect(next.now).toMatchObject({ state: "resolved", value: { done: false } });
      expect(derived.current).toBe("for one");
    },
  );

  test("gives way to other content, which reaches the handles that came meanwhile, once", async () => {
    const { secrets, watch, store, clock, hint } = await entered();
    const told: string[] = [];
    const note = ({ current }: SecretChange): void => void told.push(current.reveal());
    watch.on("change", note, { initial: true });
    const derived = secrets.derive("db", { open: (secret) => `for ${secret.reveal()}` });
    await clock.flush();
    store.heal();
    store.set("db", "two");
    await hint();
    await clock.advance(2 * minute);
    expect(secrets.latest("db").reveal()).toBe("two");
    expect(told).toEqual(["two"]);
    expect(derived.current).toBe("for two");
  });
});

describe("what preceded the present value", () => {
  const overlapping = declareSecrets({ db: { ref: "db", overlap: "2h" } });

  test.each([
    ["sleeps", true],
    ["is blocked", false],
  ])("is not accepted past its own end when the process %s", async (_, monotonicStops) => {
    const { secrets, store, clock } = declaredClient(overlapping, { supports: { subscribe: "local" } });
    store.set("db", "one", { expiresAt: new Date(clock.now() + 60 * minute) });
    await secrets.ready();
    await clock.advance(1_000);
    store.set("db", "two");
    store.hint("db");
    await clock.flush();
    const accepted = (): string[] => secrets.accepted("db").map((secret) => secret.reveal());
    expect(accepted()).toEqual(["two", "one"]);
    clock.suspend(61 * minute, { monotonicStops });
    expect(accepted()).toEqual(["two"]);
  });

  test("is not read past its own end by its reference", async () => {
    const { secrets, store, clock } = declaredClient(overlapping);
    store.set("db", "one", { expiresAt: new Date(clock.now() + 60 * minute) });
    store.set("db", "two");
    await secrets.ready();
    expect((await secrets.getSecret("db@previous")).reveal()).toBe("one");
    store.fail("UNAVAILABLE");
    clock.suspend(61 * minute, { monotonicStops: true });
    await expect(advanceUntil(clock, secrets.getSecret("db@previous"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("an undeclared reference", () => {
  test("is not served past its own end after a sleep", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({}), { config: { cache: { ttl: "24h" } } });
    store.set("free", "one", { expiresAt: new Date(clock.now() + 60 * minute) });
    expect((await secrets.getSecret("free")).reveal()).toBe("one");
    store.fail("UNAVAILABLE");
    clock.suspend(120 * minute, { monotonicStops: true });
    await expect(advanceUntil(clock, secrets.getSecret("free"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test("is not told past its own end to a new listener of its watch", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({}));
    store.set("free", "one", { expiresAt: new Date(clock.now() + 60 * minute) });
    const watch = secrets.watch("free");
    await watch.ready;
    store.fail("UNAVAILABLE");
    clock.suspend(120 * minute, { monotonicStops: true });
    const told: string[] = [];
    watch.on("change", ({ current }) => void told.push(current.reveal()), { initial: true });
    await clock.advance(1_000);
    expect(told).toEqual([]);
    expect(() => watch.latest).toThrow(expect.objectContaining({ reason: "expired" }));
  });
});

test("an optional secret that ended and is gone becomes undefined", async () => {
  const { secrets, store, clock } = declaredClient(declareSecrets({ maybe: { ref: "maybe", optional: true } }), {
    supports: { subscribe: "local" },
  });
  store.set("maybe", "one", { expiresAt: new Date(clock.now() + 60 * minute) });
  await secrets.ready();
  clock.suspend(61 * minute);
  store.remove("maybe");
  expect(() => secrets.latest("maybe")).toThrow(expect.objectContaining({ reason: "expired" }));
  store.hint("maybe");
  await clock.advance(1_000);
  expect(secrets.latest("maybe")).toBeUndefined();
});
