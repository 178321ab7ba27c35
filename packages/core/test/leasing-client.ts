import type { OpenSecrets } from "../src/client/api.ts";
import { createSecrets } from "../src/client/secrets.ts";
import type { Declarations, Declared } from "../src/declare/declaration.ts";
import type { EventFacts } from "../src/events/event-facts.ts";
import type { SecretEvent, SecretEventType } from "../src/events/events.ts";
import { createRedactor } from "../src/redact/redactor.ts";
import { type ManualClock, manualClock } from "../src/testing/manual-clock.ts";
import { factsOf } from "./declared-client.ts";
import { LeasingStore } from "./leasing-store.ts";

// Read once here: what it imports takes real time, which a manual clock knows nothing of.
const { loadConfig } = await import("../src/config/index.ts");
await loadConfig({ providers: { a: { use: "a" } } }, { env: {}, adapterNames: ["a"] });

/** A real client over a store that leases, and a clock that only the test moves. */
export interface LeasingClient<D extends Declarations> {
  readonly secrets: OpenSecrets<D>;
  readonly clock: ManualClock;
  readonly store: LeasingStore;
  readonly events: SecretEvent[];
  /** The facts of those of one type, without level and message. */
  eventsOf<K extends SecretEventType>(type: K): readonly Omit<Extract<EventFacts, { type: K }>, "message">[];
}

/** Names below `creds/` are leased. */
export function leasingClient<D extends Declarations>(
  declare: Declared<D>,
  config: Readonly<Record<string, unknown>> = {},
  random: () => number = () => 0.5,
): LeasingClient<D> {
  const clock = manualClock();
  const store = new LeasingStore(clock);
  const secrets = createSecrets<D>({
    strict: false,
    declare,
    adapters: { leasing: store.adapter() },
    config: { providers: { store: { use: "leasing" } }, routes: [{ match: "**", to: ["store"] }], ...config },
    clock,
    random,
    redactor: createRedactor(),
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
