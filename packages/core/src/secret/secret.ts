import { isBytes } from "../contract/content.ts";
import type { Lease } from "../contract/contract.ts";
import type { Decoded } from "../decode/codec.ts";
import type { Clock } from "../time/clock.ts";
import { type CanonicalContent, canonicalContent, canonicalValue } from "./canonical.ts";
import { markerOf } from "./marker.ts";
import { untilEndMs } from "./until-end.ts";

/** The known facts about the version of a Secret. None of them is secret. */
export interface SecretMeta {
  /** Opaque; only equality has a meaning. */
  readonly version: string;
  /** When this process read it; of a restored value, when the process that wrote the snapshot did. */
  readonly fetchedAt: Date;
  /** When the store last confirmed this version; advances while the Secret is current. */
  readonly confirmedAt: Date;
  readonly createdAt?: Date;
  /**
   * The expiry from the store or in the value itself, as in a certificate; for a leased value the end of its lease, which each
   * renewal moves.
   */
  readonly expiresAt?: Date;
  /** Set if the store leases the value. */
  readonly lease?: Lease;
  /** The configured name of the provider; of a composite, the names joined by `+`. */
  readonly provider: string;
  /** Whether a source other than the first of its chain served it. */
  readonly fallback: boolean;
  /** Set if the fields come from several physical secrets. */
  readonly composite?: true;
  /** Set if it was restored from the snapshot, and no store has confirmed it since. */
  readonly snapshot?: true;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * An immutable snapshot of one version of one secret. However it is printed, concatenated, serialized or inspected, it shows
 * `[REDACTED:reference]`; `structuredClone`, `postMessage` and `v8.serialize` keep only its reference and version. A revealed
 * string cannot be wiped from memory. A deep comparison sees only the reference and version: compare values with `equals`.
 */
export interface Secret<T = string> {
  readonly reference: string;
  /** As `meta.version`. */
  readonly version: string;
  readonly meta: SecretMeta;
  /**
   * Returns the value; the only way to read it. It is the same string or object each time; bytes are a copy that the caller
   * owns.
   */
  reveal(): T;
  /** Compares in constant time, also if the lengths differ, and reveals nothing. Text and bytes compare by their bytes. */
  equals(candidate: string | Uint8Array | Secret<T>): boolean;
  /** `[REDACTED:reference]` */
  toString(): string;
  /** `[REDACTED:reference]` */
  toJSON(): string;
}

/** What a Secret is made from beside its value; many Secrets may share one. Times are wall milliseconds. */
export interface SecretFacts {
  readonly version: string;
  readonly fetchedAt: number;
  readonly createdAt?: Date;
  readonly expiresAt?: Date;
  readonly lease?: Lease;
  /** Monotonic end of the lease. */
  readonly leaseEndsAt?: number;
  readonly provider: string;
  readonly fallback: boolean;
  readonly composite?: true;
  readonly snapshot?: true;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Who is told that a value leaves its Secret; one object serves many Secrets. */
export interface Exposure {
  /** Called at the first reveal, before anything is returned. If it throws, nothing is revealed. */
  onReveal(secret: SnapshotSecret<unknown>, decoded: Decoded<unknown>): void;
  /** Called at each reveal, the first included. Where it is absent, a revealed Secret costs one look at a field. */
  readonly everyReveal?: ((secret: SnapshotSecret<unknown>) => void) | undefined;
}

/** Stand in the memo where no value does: nothing was revealed; something was, but the next reveal must do work again. */
const sealed: unique symbol = Symbol("sealed");
const exposed: unique symbol = Symbol("exposed");
const noLabels: Readonly<Record<string, string>> = Object.freeze({});

let decodedOf: (secret: object) => Decoded<unknown> | undefined;
let factsOf: (secret: object) => SecretFacts | undefined;
let confirm: (secret: SnapshotSecret<unknown>, at: number) => void;

/**
 * The client's Secret. Its value is in private fields, so that nothing which walks properties meets it; reference and version
 * are properties, so that two Secrets differ in a deep comparison.
 */
export class SnapshotSecret<T> implements Secret<T> {
  readonly reference: string;
  readonly version: string;
  readonly #facts: SecretFacts;
  #decoded: Decoded<T>;
  readonly #exposure: Exposure;
  #memo: T | typeof sealed | typeof exposed = sealed;
  /** Wall milliseconds, later than it was fetched. */
  #confirmedAt: number | undefined;

  static {
    decodedOf = (secret) => (#decoded in secret ? secret.#decoded : undefined);
    factsOf = (secret) => (#facts in secret ? secret.#facts : undefined);
    confirm = (secret, at) => {
      secret.#confirmedAt = at;
    };
    // Defined here, since a declaration file cannot name a computed member.
    Object.defineProperty(SnapshotSecret.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: SnapshotSecret<unknown>): string {
        return this.toString();
      },
    });
  }

  constructor(reference: string, facts: SecretFacts, decoded: Decoded<T>, exposure: Exposure) {
    this.reference = reference;
    this.version = facts.version;
    this.#facts = facts;
    this.#decoded = decoded;
    this.#exposure = exposure;
  }

  /** Member by member: what the facts come from may hold the value beside them. */
  get meta(): SecretMeta {
    const { version, fetchedAt, createdAt, lease, provider, fallback, composite, snapshot, labels } = this.#facts;
    const expiresAt = earlier(this.#facts.expiresAt, endOf(this.#decoded));
    return Object.freeze({
      version,
      fetchedAt: new Date(fetchedAt),
      confirmedAt: new Date(this.confirmedAt),
      ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt) }),
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
      ...(lease === undefined ? {} : { lease: Object.freeze({ ...lease }) }),
      provider,
      fallback,
      ...(composite === undefined ? {} : { composite }),
      ...(snapshot === undefined ? {} : { snapshot }),
      labels: labels === undefined ? noLabels : Object.freeze({ ...labels }),
    });
  }

  /** Wall milliseconds at which the store last said that it holds this version. */
  get confirmedAt(): number {
    return this.#confirmedAt ?? this.#facts.fetchedAt;
  }

  /** Milliseconds until its end, Infinity where it has none. */
  untilEndMs(clock: Clock): number {
    const end = endOf(this.#decoded);
    const ownMs = end === undefined ? Number.POSITIVE_INFINITY : end.getTime() - clock.now();
    return Math.min(untilEndMs(this.#facts, clock), ownMs);
  }

  reveal(): T {
    const memo = this.#memo;
    return memo === sealed || memo === exposed ? this.#revealSlowly() : memo;
  }

  #revealSlowly(): T {
    const exposure = this.#exposure;
    if (this.#memo === sealed) {
      exposure.onReveal(this, this.#decoded);
      this.#memo = exposed;
    }
    exposure.everyReveal?.(this);
    const decoded = this.#decoded;
    if (decoded.kind === "bytes") return Uint8Array.from(decoded.bytes) as T;
    const value = decoded.kind === "text" ? (textOf(decoded.bytes) as T) : decoded.value;
    if (exposure.everyReveal === undefined) this.#memo = value;
    else if (decoded.kind === "text") this.#decoded = { kind: "value", value };
    return value;
  }

  equals(candidate: string | Uint8Array | Secret<T>): boolean {
    if ((candidate as unknown) === this) return true;
    const own = canonicalContent(this.#decoded);
    const other = canonicalCandidate(candidate);
    if (own === undefined || other === undefined || own.structured !== other.structured) return false;
    return equalInConstantTime(own.bytes, other.bytes);
  }

  toString(): string {
    return markerOf(this.reference);
  }

  toJSON(): string {
    return markerOf(this.reference);
  }

  /** The marker for every hint, also "number": a Secret has no arithmetic. */
  [Symbol.toPrimitive](): string {
    return markerOf(this.reference);
  }
}

/** The store has said again, at a wall time, that it holds the version of this Secret. */
export function confirmSecret(secret: SnapshotSecret<unknown>, at: number): void {
  confirm(secret, at);
}

/** What a Secret of this package holds, without revealing it; undefined for anything else. No entry point exports it, and no Secret leads to it. */
export function contentOfSecret(secret: unknown): Decoded<unknown> | undefined {
  return typeof secret === "object" && secret !== null ? decodedOf(secret) : undefined;
}

/** What a Secret of this package was made from, its content among it; undefined for anything else. Behind no entry point. */
export function factsOfSecret(secret: unknown): SecretFacts | undefined {
  return typeof secret === "object" && secret !== null ? factsOf(secret) : undefined;
}

/** Whether two decoded values are the same to the application; what has no canonical form equals only itself. */
export function isSameValue(a: Decoded<unknown>, b: Decoded<unknown>): boolean {
  if (a === b) return true;
  const left = canonicalContent(a);
  const right = canonicalContent(b);
  if (left === undefined || right === undefined || left.structured !== right.structured) return false;
  return Buffer.compare(left.bytes, right.bytes) === 0;
}

/**
 * Whether two Secrets of this package have the same value to the application. Versions of equal content share what was decoded, so
 * this holds for them without a canonical form, too.
 */
export function hasSameValue(a: Secret<unknown>, b: Secret<unknown>): boolean {
  const [one, other] = [contentOfSecret(a), contentOfSecret(b)];
  return one !== undefined && other !== undefined && isSameValue(one, other);
}

/** A Secret of another kind (a test's own, another copy of the package) can only be asked to reveal itself. */
function canonicalCandidate(candidate: unknown): CanonicalContent | undefined {
  const decoded = contentOfSecret(candidate);
  if (decoded !== undefined) return canonicalContent(decoded);
  if (typeof candidate === "string" || isBytes(candidate)) return canonicalValue(candidate);
  const { reveal } = (candidate ?? {}) as { reveal?: unknown };
  return typeof reveal === "function" ? canonicalValue(reveal.call(candidate)) : undefined;
}

function endOf(decoded: Decoded<unknown>): Date | undefined {
  return decoded.kind === "value" ? decoded.expiresAt : undefined;
}

function earlier(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.getTime() <= other.getTime() ? one : other;
}

/** process-wide, made on first use */
let comparisonKey: Buffer | undefined;

/** Digests have one length, so neither the lengths nor the place of the first difference show in the time taken. */
function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  const { createHmac, randomBytes, timingSafeEqual } = process.getBuiltinModule("node:crypto");
  comparisonKey ??= randomBytes(32);
  const digest = (bytes: Uint8Array) =>
    createHmac("sha256", comparisonKey as Buffer)
      .update(bytes)
      .digest();
  return timingSafeEqual(digest(a), digest(b));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
