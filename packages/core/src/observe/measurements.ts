import type { SecretEvent, SecretEvents } from "../events/events.ts";
import type { Health, SecretHealth } from "../health/health.ts";
import type { ProviderHealth } from "../provider/provider-health.ts";
import { attributes, type Instrument, instruments } from "./instruments.ts";

/** The part of a client that metrics use. */
export interface Measurable {
  readonly events: Pick<SecretEvents, "onAny">;
  /** Returns the state of the served values, without I/O. */
  health(): Health;
}

/** Returns the problem of an argument that is not a client; undefined for a client. */
export function isMeasurable(secrets: unknown): string | undefined {
  const { events, health } = (secrets ?? {}) as Partial<Measurable>;
  return typeof events?.onAny === "function" && typeof health === "function" ? undefined : "must be a client";
}

/** attribute -> its value */
export type Attributes = Readonly<Record<string, string>>;

/** A value of an instrument, with its attributes. */
export interface Measurement {
  readonly instrument: Instrument;
  readonly value: number;
  readonly attributes: Attributes;
}

const clientStates: readonly Health["status"][] = ["starting", "ok", "degraded", "down", "closed"];
const secretStates: readonly SecretHealth["state"][] = [
  "starting",
  "live",
  "stale",
  "denied",
  "deleted",
  "absent",
  "down",
];
const providerStates: readonly ProviderHealth["state"][] = ["unopened", "open", "unavailable", "failed"];

/** The attribute for all undeclared references, whose number is unlimited. */
const otherReference = "_OTHER";

/**
 * Converts the health of a client to measurements.
 * @param now the wall time, in milliseconds since the epoch
 */
export function observeHealth({ status, secrets, providers }: Health, now: number): readonly Measurement[] {
  return [
    ...stateOf(instruments.clientStatus, clientStates, status, attributes.clientState, {}),
    ...secrets.flatMap((secret) => observeSecret(secret, now)),
    ...providers.flatMap(({ name, state }) =>
      stateOf(instruments.providerStatus, providerStates, state, attributes.providerState, {
        [attributes.provider]: name,
      }),
    ),
  ];
}

function observeSecret({ alias, reference, state, ageMs, expiresAt }: SecretHealth, now: number): Measurement[] {
  if (alias === undefined) return [];
  const of = { [attributes.alias]: alias, [attributes.reference]: reference };
  const found = stateOf(instruments.secretStatus, secretStates, state, attributes.secretState, of);
  if (ageMs !== undefined) found.push({ instrument: instruments.secretAge, value: ageMs / 1_000, attributes: of });
  if (expiresAt === undefined) return found;
  const value = (expiresAt.getTime() - now) / 1_000;
  return [...found, { instrument: instruments.secretTimeToExpiry, value, attributes: of }];
}

/** Returns a measurement for each state, so that a sum counts the secrets or providers in a state. */
function stateOf(
  instrument: Instrument,
  states: readonly string[],
  current: string,
  attribute: string,
  of: Attributes,
): Measurement[] {
  return states.map((state) => ({
    instrument,
    value: state === current ? 1 : 0,
    attributes: { ...of, [attribute]: state },
  }));
}

/** Creates a function that converts an event to a measurement; it returns undefined for events without one. */
export function createEventMeter(secrets: Measurable): (event: SecretEvent) => Measurement | undefined {
  let declared: ReadonlySet<string> | undefined;
  // Before the first event about a secret, the declared secrets exist, and they never change.
  const nameOf = (reference: string): string => {
    declared ??= new Set(
      secrets.health().secrets.flatMap((secret) => (secret.alias === undefined ? [] : secret.reference)),
    );
    return declared.has(reference) ? reference : otherReference;
  };
  return (event) => {
    switch (event.type) {
      case "change":
        return one(instruments.secretChanges, {
          [attributes.reference]: nameOf(event.reference),
          [attributes.changeReason]: event.reason,
        });
      case "refused":
        return one(instruments.secretRefusals, {
          [attributes.reference]: nameOf(event.reference),
          [attributes.refusalReason]: event.reason,
        });
      case "error":
        return one(instruments.secretErrors, {
          [attributes.reference]: nameOf(event.reference),
          [attributes.errorType]: event.code,
        });
      case "read":
        return {
          instrument: instruments.readDuration,
          value: event.durationMs / 1_000,
          attributes: { [attributes.provider]: event.provider, [attributes.readOutcome]: event.outcome },
        };
      case "lease-renewed":
      case "lease-not-renewed":
      case "lease-lost":
      case "lease-not-revoked":
        return one(instruments.leases, {
          [attributes.provider]: event.provider,
          [attributes.leaseOutcome]: event.type.slice("lease-".length),
        });
      case "listener-failed":
        return one(instruments.listenerFailures, { [attributes.listenerEvent]: event.event });
      default:
        return undefined;
    }
  };
}

function one(instrument: Instrument, of: Attributes): Measurement {
  return { instrument, value: 1, attributes: of };
}
