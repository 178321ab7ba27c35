/** One metric. Names and units follow the semantic conventions of OpenTelemetry. */
export interface Instrument {
  readonly name: string;
  /** `status` has the value 1 for the current state, and 0 for all others. */
  readonly kind: "counter" | "histogram" | "gauge" | "status";
  readonly unit: string;
  readonly description: string;
  /** The names of its attributes. */
  readonly attributes: readonly string[];
}

/** The names of the attributes, which contain names, states and codes, but no values of secrets. */
export const attributes = {
  clientState: "tacit.client.state",
  alias: "tacit.secret.alias",
  reference: "tacit.secret.reference",
  secretState: "tacit.secret.state",
  provider: "tacit.provider.name",
  providerState: "tacit.provider.state",
  changeReason: "tacit.change.reason",
  refusalReason: "tacit.refusal.reason",
  errorType: "error.type",
  readOutcome: "tacit.read.outcome",
  leaseOutcome: "tacit.lease.outcome",
  listenerEvent: "tacit.listener.event",
} as const;

const { alias, reference, provider } = attributes;

/** All recorded metrics. */
export const instruments = {
  clientStatus: {
    name: "tacit.client.status",
    kind: "status",
    unit: "1",
    description: "Whether the client is in this state: starting, ok, degraded, down, closed.",
    attributes: [attributes.clientState],
  },
  secretStatus: {
    name: "tacit.secret.status",
    kind: "status",
    unit: "1",
    description: "Whether a declared secret is in this state: starting, live, stale, denied, deleted, absent, down.",
    attributes: [alias, reference, attributes.secretState],
  },
  secretAge: {
    name: "tacit.secret.age",
    kind: "gauge",
    unit: "s",
    description: "Time since the store last confirmed the value of a declared secret.",
    attributes: [alias, reference],
  },
  secretTimeToExpiry: {
    name: "tacit.secret.time_to_expiry",
    kind: "gauge",
    unit: "s",
    description: "Time until the value of a declared secret expires, if it does; negative afterwards.",
    attributes: [alias, reference],
  },
  secretChanges: {
    name: "tacit.secret.changes",
    kind: "counter",
    unit: "{change}",
    description: "Values that were adopted.",
    attributes: [reference, attributes.changeReason],
  },
  secretRefusals: {
    name: "tacit.secret.refusals",
    kind: "counter",
    unit: "{refusal}",
    description: "New values that could not be decoded or were not accepted.",
    attributes: [reference, attributes.refusalReason],
  },
  secretErrors: {
    name: "tacit.secret.errors",
    kind: "counter",
    unit: "{error}",
    description: "Reported failures of a secret: the first of a series, and each change of the code.",
    attributes: [reference, attributes.errorType],
  },
  providerStatus: {
    name: "tacit.provider.status",
    kind: "status",
    unit: "1",
    description: "Whether a provider is in this state: unopened, open, unavailable (its circuit is open), failed.",
    attributes: [provider, attributes.providerState],
  },
  readDuration: {
    name: "tacit.provider.read.duration",
    kind: "histogram",
    unit: "s",
    description: "Duration of calls to a store for a value; the outcome is ok, not-found, or the code of the failure.",
    attributes: [provider, attributes.readOutcome],
  },
  leases: {
    name: "tacit.provider.leases",
    kind: "counter",
    unit: "{lease}",
    description: "Leases that were renewed, not renewed, lost, or could not be revoked.",
    attributes: [provider, attributes.leaseOutcome],
  },
  listenerFailures: {
    name: "tacit.listener.failures",
    kind: "counter",
    unit: "{failure}",
    description: "Listeners and resources of the application that failed.",
    attributes: [attributes.listenerEvent],
  },
} as const satisfies Readonly<Record<string, Instrument>>;

/** The buckets of the histogram, in seconds: a file is read within a millisecond, and a call to a store ends after 10 s. */
export const durationBuckets: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Returns the name of a metric in Prometheus, as the Collector and Prometheus itself derive it from the name and unit in
 * OpenTelemetry. The Prometheus exporter of the JavaScript SDK leaves the unit out.
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
export function prometheusName({ name, unit, kind }: Instrument): string {
  const suffix = unit === "s" ? "_seconds" : "";
  return `${prometheusLabel(name)}${suffix}${kind === "counter" ? "_total" : ""}`;
}

/** Returns the name of a label in Prometheus. */
export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll(".", "_");
}
