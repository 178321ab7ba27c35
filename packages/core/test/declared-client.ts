import type { OpenSecrets } from "../src/client/api.ts";
import { createSecrets, type SecretsOptions } from "../src/client/secrets.ts";
import type { Declarations, Declared } from "../src/declare/declaration.ts";
import type { EventFacts } from "../src/events/event-facts.ts";
import type { SecretEvent, SecretEventType } from "../src/events/events.ts";
import { createRedactor, type Redactor } from "../src/redact/redactor.ts";
import { type ManualClock, manualClock } from "../src/testing/manual-clock.ts";
import { ScriptedStore } from "./scripted-store.ts";

// Read once here: what it imports takes real time, which a manual clock knows nothing of.
const { loadConfig } = await import("../src/config/index.ts");
await loadConfig({ providers: { a: { use: "a" } } }, { env: {}, adapterNames: ["a"] });

/** What a test may change of its client. */
export interface DeclaredClientOptions {
  /** What the config document holds beside its one provider, `store`, where every name goes. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly audit?: SecretsOptions["audit"];
  /** Default: false, so that a test may read references too. */
  readonly strict?: boolean;
  readonly random?: () => number;
  /** Default: one of its own. */
  readonly redactor?: Redactor;
  readonly supports?: Partial<ScriptedStore["supports"]>;
}

/** A real client, typed by its declarations, over one scripted store and a clock that only the test moves. */
export interface DeclaredClient<D extends Declarations> {
  readonly secrets: OpenSecrets<D>;
  readonly clock: ManualClock;
  readonly store: ScriptedStore;
  /** Everything that was reported, in order. */
  readonly events: SecretEvent[];
  /** The facts of those of one type, without level and message. */
  eventsOf<K extends SecretEventType>(type: K): readonly Omit<Extract<EventFacts, { type: K }>, "message">[];
}

/** How often the scripted store is read again: its `defaultPollMs`. */
export const pollMs = 60_000;

export function declaredClient<D extends Declarations>(
  declare: Declared<D>,
  {
    config,
    audit,
    random = () => 0.5,
    redactor = createRedactor(),
    strict = false,
    supports,
  }: DeclaredClientOptions = {},
): DeclaredClient<D> {
  const clock = manualClock();
  const store = new ScriptedStore();
  store.supports = { ...store.supports, ...supports };
  const secrets = createSecrets<D>({
    strict: strict as false,
    declare,
    adapters: { scripted: store.adapter() },
    config: { providers: { store: { use: "scripted" } }, routes: [{ match: "**", to: ["store"] }], ...config },
    clock,
    random,
    redactor,
    audit,
  });
  const events: SecretEvent[] = [];
  secrets.events.onAny((event) => void events.push(event));
  return {
    secrets,
    clock,
    store,
    events,
    eventsOf: (type) => events.filter((event) => event.type === type).map(factsOf) as never,
  };
}

/** The facts of an event, without its level and message. */
export function factsOf({ level: _, message: __, ...facts }: SecretEvent): object {
  return facts;
}

/** Lets two polls pass: the first one's phase is spread over the interval. */
export function nextPoll({ clock }: { readonly clock: ManualClock }): Promise<void> {
  return clock.advance(1.2 * pollMs);
}
