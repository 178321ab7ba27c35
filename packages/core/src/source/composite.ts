import type { SecretPayload } from "../contract/contract.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { type Selector, select } from "../name/selector.ts";
import { Flight, type FlightMode } from "../time/single-flight.ts";
import type { Observer, Outcome, Payload, PayloadSource, ReadMode } from "./source.ts";
import type { Entry } from "./store-source.ts";

/** One field of a composed secret. */
export interface Part {
  readonly field: string;
  readonly source: PayloadSource;
  readonly select: Selector | undefined;
  readonly optional: boolean;
}

/** One name composed of fields from several places. Parts that come from one physical secret come from one reading. */
export class Composite extends Flight<Outcome> implements PayloadSource {
  outcome: Outcome | undefined;
  readonly #name: string;
  readonly #parts: readonly Part[];
  /** distinct, since parts may share one */
  readonly #sources: readonly PayloadSource[];
  readonly #observers: Set<Observer> = new Set();
  #releases: readonly (() => void)[] = [];
  /** Identity of what was joined last: the same readings give the same payload. */
  #joined: readonly (Outcome | undefined)[] = [];

  constructor(name: string, parts: readonly Part[]) {
    super();
    this.#name = name;
    this.#parts = parts;
    this.#sources = [...new Set(parts.map(({ source }) => source))];
  }

  get retryAt(): number {
    return Math.max(...this.#sources.map(({ retryAt }) => retryAt));
  }

  get freshUntil(): number {
    return this.outcome === undefined ? 0 : Math.min(...this.#sources.map(({ freshUntil }) => freshUntil));
  }

  get isLocal(): boolean {
    return this.#sources.every(({ isLocal }) => isLocal);
  }

  async read(mode: ReadMode): Promise<Outcome> {
    if (mode !== "cached") return await this.fly(mode);
    await Promise.all(this.#sources.map((source) => source.read("cached")));
    return this.#isJoined() ? (this.outcome as Outcome) : this.#join();
  }

  keep(observer: Observer): () => void {
    this.#observers.add(observer);
    if (this.#observers.size === 1) this.#releases = this.#sources.map((source) => source.keep(() => this.#onPart()));
    return () => {
      if (!this.#observers.delete(observer) || this.#observers.size > 0) return;
      for (const release of this.#releases) release();
      this.#releases = [];
    };
  }

  /** The previous versions of the parts need not belong together. */
  previous(): undefined {
    return undefined;
  }

  nudge(): void {
    for (const source of this.#sources) source.nudge();
  }

  wake(): void {
    for (const source of this.#sources) source.wake();
  }

  leaves(): readonly Entry[] {
    return this.#sources.flatMap((source) => source.leaves());
  }

  protected async begin(mode: FlightMode): Promise<Outcome> {
    await Promise.all(this.#sources.map((source) => source.read(mode)));
    return this.#join();
  }

  /** While a read of all parts runs, a single part's answer would only be a half. */
  #onPart(): void {
    if (this.inFlight || this.#sources.some(({ outcome }) => outcome === undefined)) return;
    this.#join();
  }

  /** The same readings again are told too: they confirm what is served. */
  #join(): Outcome {
    const outcome = this.#isJoined() && this.outcome !== undefined ? this.outcome : this.#compose();
    this.#joined = this.#sources.map((source) => source.outcome);
    this.outcome = outcome;
    for (const observer of [...this.#observers]) observer(outcome);
    return outcome;
  }

  #isJoined(): boolean {
    return this.outcome !== undefined && this.#sources.every((source, index) => source.outcome === this.#joined[index]);
  }

  #compose(): Outcome {
    const required = this.#parts.filter(({ optional }) => !optional);
    // An outage of an optional part fails the whole too: its field would vanish for a while otherwise.
    const failed = this.#sources.find(({ outcome }) => outcome?.kind === "failed");
    if (failed?.outcome !== undefined) return failed.outcome;
    const absent = required.filter(({ source }) => source.outcome?.kind === "absent");
    if (absent.length > 0 && absent.length === required.length) return { kind: "absent" };
    if (absent.length > 0) return { kind: "failed", error: missingParts(this.#name, absent) };
    try {
      return this.#payload();
    } catch (error) {
      return { kind: "failed", error: error as SecretError };
    }
  }

  #payload(): Outcome {
    const present = this.#parts.flatMap((part) =>
      part.source.outcome?.kind === "ok" ? [{ part, payload: part.source.outcome }] : [],
    );
    const fields = new Map<string, Uint8Array>();
    for (const { part, payload } of present) {
      const bytes = bytesOf(part, payload, this.#name);
      if (bytes !== undefined) fields.set(part.field, bytes);
    }
    if (fields.size === 0) return { kind: "absent" };
    const payloads = [...new Set(present.map(({ payload }) => payload))];
    if (payloads.some(({ lease }) => lease !== undefined)) throw lentPart(this.#name);
    const created = payloads.flatMap(({ createdAt }) => (createdAt === undefined ? [] : [createdAt.getTime()]));
    const ends = payloads.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt.getTime()]));
    return {
      kind: "ok",
      content: { kind: "fields", fields },
      version: payloads.map(({ version }) => version).join("+"),
      fetchedAt: Math.min(...payloads.map(({ fetchedAt }) => fetchedAt)),
      provider: [...new Set(payloads.map(({ provider }) => provider))].join("+"),
      fallback: payloads.some(({ fallback }) => fallback),
      composite: true,
      ...(created.length === 0 ? {} : { createdAt: new Date(Math.max(...created)) }),
      ...(ends.length === 0 ? {} : { expiresAt: new Date(Math.min(...ends)) }),
    };
  }
}

/** The bytes of one field; undefined when an optional part's secret lacks it. @throws {SecretError} INVALID_VALUE */
function bytesOf(part: Part, payload: Payload, name: string): Uint8Array | undefined {
  const content = selected(part, payload, name);
  if (content === undefined) return undefined;
  if (content.kind === "value") return content.bytes;
  throw new SecretError(
    "INVALID_VALUE",
    `field "${part.field}" of "${name}" is bound to a secret with several fields`,
    {
      reason: "fields-not-value",
      reference: name,
      provider: payload.provider,
      tip: `Add "select" to the binding; the fields are ${[...content.fields.keys()].join(", ")}.`,
    },
  );
}

function selected(part: Part, payload: Payload, name: string): SecretPayload | undefined {
  if (part.select === undefined) return payload.content;
  try {
    return select(payload.content, part.select, { reference: name, provider: payload.provider });
  } catch (error) {
    if (part.optional && isSecretError(error) && error.reason === "field-missing") return undefined;
    throw error;
  }
}

/** Its parts would end at different times, and it could not be renewed or given back as one. */
function lentPart(name: string): SecretError {
  return new SecretError(
    "INVALID_CONFIG",
    `"${name}" is composed of several secrets, and its store lends one of them`,
    {
      reason: "lent-part",
      reference: name,
      tip: "Bind the whole lent secret under a name of its own, and select its fields there.",
    },
  );
}

function missingParts(name: string, parts: readonly Part[]): SecretError {
  const fields = parts.map(({ field }) => field).join(", ");
  return new SecretError("INVALID_VALUE", `"${name}" is composed of several secrets and some do not exist: ${fields}`, {
    reason: "field-missing",
    reference: name,
    tip: 'Create them, or mark the fields "optional" in the binding.',
  });
}
