import type { OpenSecrets } from "../src/client/api.ts";
import { createSecrets, type SecretsOptions } from "../src/client/secrets.ts";
import type { EventFacts } from "../src/events/event-facts.ts";
import type { SecretEvent, SecretEventType } from "../src/events/events.ts";
import { createRedactor } from "../src/redact/redactor.ts";
import { type ManualClock, manualClock } from "../src/testing/manual-clock.ts";
import { factsOf } from "./declared-client.ts";
import { ScriptedStore } from "./scripted-store.ts";

// Read once here: what it imports takes real time, which a manual clock knows nothing of.
const { loadConfig } = await import("../src/config/index.ts");
await loadConfig({ providers: { a: { use: "a" } } }, { env: {}, adapterNames: ["a"] });

type NoDeclarations = Readonly<Record<never, never>>;

/** What a test says about its client. */
export interface ScriptedClientOptions {
  /** Names of the stores: each is an adapter and a provider of that name. */
  readonly stores: readonly string[];
  /** What the config document holds beside its providers; by default everything goes to the first store. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** provider -> its options in the document */
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly declare?: SecretsOptions["declare"];
  /** Uniform in [0, 1); default: always the middle. */
  readonly random?: () => number;
}

/** A real client over scripted stores, on a clock that only the test moves. */
export interface ScriptedClient {
  readonly secrets: OpenSecrets<NoDeclarations>;
  readonly clock: ManualClock;
  readonly stores: Readonly<Record<string, ScriptedStore>>;
  /** The first store. */
  readonly store: ScriptedStore;
  readonly events: SecretEvent[];
  /** The facts of those of one type, without level and message. */
  eventsOf<K extends SecretEventType>(type: K): readonly Omit<Extract<EventFacts, { type: K }>, "message">[];
}

export function scriptedClient(options: ScriptedClientOptions): ScriptedClient {
  const clock = manualClock();
  const stores = Object.fromEntries(options.stores.map((name) => [name, new ScriptedStore()]));
  const [first] = options.stores;
  const providers = options.stores.map((name) => [name, { use: name, ...options.providerOptions?.[name] }]);
  const secrets = createSecrets({
    strict: false,
    declare: options.declare,
    adapters: Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, store.adapter()])),
    config: {
      providers: Object.fromEntries(providers),
      routes: [{ match: "**", to: [first] }],
      ...options.config,
    },
    clock,
    random: options.random ?? (() => 0.5),
    redactor: createRedactor(),
  } as never) as unknown as OpenSecrets<NoDeclarations>;
  const events: SecretEvent[] = [];
  secrets.events.onAny((event) => void events.push(event));
  return {
    secrets,
    clock,
    stores,
    store: stores[first as string] as ScriptedStore,
    events,
    eventsOf: (type) => events.filter((event) => event.type === type).map(factsOf) as never,
  };
}

/** How a promise ended, without waiting for it: time must be moved by the test. */
export type Settled<T> = { state: "pending" } | { state: "resolved"; value: T } | { state: "rejected"; error: unknown };

/** Follows a promise; the fate changes as it settles. */
export function settledOf<T>(promise: Promise<T>): { readonly now: Settled<T> } {
  const fate: { now: Settled<T> } = { now: { state: "pending" } };
  promise.then(
    (value) => {
      fate.now = { state: "resolved", value };
    },
    (error: unknown) => {
      fate.now = { state: "rejected", error };
    },
  );
  return fate;
}

/** Lets time pass until a promise settles. Fails when it has not after `limitMs`. */
export async function advanceUntil<T>(clock: ManualClock, promise: Promise<T>, limitMs = 120_000): Promise<T> {
  const fate = settledOf(promise);
  await clock.flush();
  for (let passed = 0; fate.now.state === "pending" && passed < limitMs; passed += 100) await clock.advance(100);
  if (fate.now.state === "pending") throw new Error(`nothing settled within ${limitMs} ms`);
  return await promise;
}

/** What `latest` reveals; a scripted client is typed without its declarations. */
export function latest(secrets: ScriptedClient["secrets"], alias: string): string {
  return (secrets.latest(alias as never) as { reveal(): string }).reveal();
}
