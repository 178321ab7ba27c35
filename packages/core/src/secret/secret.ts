import { isBytes } from "../contract/content.ts";
import type { Lease } from "../contract/contract.ts";
import type { Decoded } from "../decode/codec.ts";
import type { Clock } from "../time/clock.ts";
import { type CanonicalContent, canonicalContent, canonicalValue } from "./canonical.ts";
import { markerOf } from "./marker.ts";
import { untilEndMs } from "./until-end.ts";

/** The metadata of the version of a Secret, which is not secret. */
export interface SecretMeta {
  /** Opaque; only equality has a meaning. */
  readonly version: string;
  /** When this process has read the value; for a restored value, when the process that wrote the snapshot has. */
  readonly fetchedAt: Date;
  /** When the store last confirmed this version. It changes while the Secret is current. */
  readonly confirmedAt: Date;
  readonly createdAt?: Date;
  /**
   * The expiry in the store or in the value itself, such as a certificate; for a leased value the end of its lease, which each
   * renewal extends.
   */
  readonly expiresAt?: Date;
  /** Set if the store leases the value. */
  readonly lease?: Lease;
  /** The configured name of the provider; for a composite, the names joined by `+`. */
  readonly provider: string;
  /** Whether a fallback provider returned the value. */
  readonly fallback: boolean;
  /** Set if the fields come from several secrets of stores. */
  readonly composite?: true;
  /** Set if the value was restored from the snapshot, and no store has confirmed it since. */
  readonly snapshot?: true;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * One immutable version of a secret. Printing, concatenation, serialization and inspection show `[REDACTED:reference]`;
 * `structuredClone`, `postMessage` and `v8.serialize` keep only the reference and version. A revealed string cannot be wiped from
 * memory. A deep comparison uses only the reference and version; compare values with `equals`.
 */
export interface Secret<T = string> {
  readonly reference: string;
  /** The same as `meta.version`. */
  readonly version: string;
  readonly meta: SecretMeta;
  /**
   * Returns the value. There is no other way to read it. The result is the same string or object each time; bytes are a copy that
   * the caller owns.
   */
  reveal(): T;
  /** Compares values in constant time, even if their lengths differ, without revealing them. Text and bytes are compared by their bytes. */
  equals(candidate: string | Uint8Array | Secret<T>): boolean;
  /** Returns `[REDACTED:reference]`. */
  toString(): string;
  /** Returns `[REDACTED:reference]`. */
  toJSON(): string;
}

/** The metadata from which a Secret is created, which several Secrets may share. Times are milliseconds since the epoch. */
export interface SecretFacts {
  readonly version: string;
  readonly fetchedAt: number;
  readonly createdAt?: Date;
  readonly expiresAt?: Date;
  readonly lease?: Lease;
  /** The monotonic time of the end of the lease. */
  readonly leaseEndsAt?: number;
  readonly provider: string;
  readonly fallback: boolean;
  readonly composite?: true;
  readonly snapshot?: true;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The callbacks for reveals, shared by many Secrets. */
export interface Exposure {
  /** Called at the first reveal, before anything is returned. If it throws, nothing is revealed. */
  onReveal(secret: SnapshotSecret<unknown>, decoded: Decoded<unknown>): void;
  /** Called at each reveal, including the first. Without it, a further reveal only reads a field. */
  readonly everyReveal?: ((secret: SnapshotSecret<unknown>) => void) | undefined;
}

/** States of a memo without a value. `sealed`: the value was never revealed. `exposed`: it was, but each reveal must do work again. */
const sealed: unique symbol = Symbol("sealed");
const exposed: unique symbol = Symbol("exposed");
const noLabels: Readonly<Record<string, string>> = Object.freeze({});

let decodedOf: (secret: object) => Decoded<unknown> | undefined;
let factsOf: (secret: object) => SecretFacts | undefined;
let confirm: (secret: SnapshotSecret<unknown>, at: number) => void;

/**
 * The implementation of Secret. The value is in private fields, so that code that enumerates properties does not find it;
 * reference and version are properties, so that two Secrets differ in a deep comparison.
 */
export class SnapshotSecret<T> implements Secret<T> {
  readonly reference: string;
  readonly version: string;
  readonly #facts: SecretFacts;
  #decoded: Decoded<T>;
  readonly #exposure: Exposure;
  #memo: T | typeof sealed | typeof exposed = sealed;
  /** The wall time of the last confirmation; undefined before the first after the fetch. */
  #confirmedAt: number | undefined;

  static {
    decodedOf = (secret) => (#decoded in secret ? secret.#decoded : undefined);
    factsOf = (secret) => (#facts in secret ? secret.#facts : undefined);
    confirm = (secret, at) => {
      secret.#confirmedAt = at;
    };
    // Defined here, because a declaration file cannot contain this computed member.
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

  /** The metadata, copied member by member, since the object of the facts may also contain the value. */
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

  /** The wall time of the last confirmation by the store, in milliseconds since the epoch. */
  get confirmedAt(): number {
    return this.#confirmedAt ?? this.#facts.fetchedAt;
  }

  /** Returns the milliseconds until the value expires; Infinity if it does not. */
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

  /** Returns the marker for every hint, including "number". */
  [Symbol.toPrimitive](): string {
    return markerOf(this.reference);
  }
}

/** Records that the store confirmed the version of a Secret. @param at the wall time, in milliseconds since the epoch */
export function confirmSecret(secret: SnapshotSecret<unknown>, at: number): void {
  confirm(secret, at);
}

/** Returns the content of a Secret of this package, without a reveal; undefined for anything else. No entry point exports this function. */
export function contentOfSecret(secret: unknown): Decoded<unknown> | undefined {
  return typeof secret === "object" && secret !== null ? decodedOf(secret) : undefined;
}

/** Returns the facts from which a Secret of this package was created, which may include its content; undefined for anything else. No entry point exports this function. */
export function factsOfSecret(secret: unknown): SecretFacts | undefined {
  return typeof secret === "object" && secret !== null ? factsOf(secret) : undefined;
}

/** Returns whether two decoded values are equal for the application. A value without a canonical form equals only itself. */
export function isSameValue(a: Decoded<unknown>, b: Decoded<unknown>): boolean {
  if (a === b) return true;
  const left = canonicalContent(a);
  const right = canonicalContent(b);
  if (left === undefined || right === undefined || left.structured !== right.structured) return false;
  return Buffer.compare(left.bytes, right.bytes) === 0;
}

/**
 * Returns whether two Secrets of this package have equal values for the application. Versions with equal content share the decoded
 * value, so they are equal even without a canonical form.
 */
export function hasSameValue(a: Secret<unknown>, b: Secret<unknown>): boolean {
  const [one, other] = [contentOfSecret(a), contentOfSecret(b)];
  return one !== undefined && other !== undefined && isSameValue(one, other);
}

/** Returns the canonical form of a candidate. A foreign Secret (of a test, or of another copy of the package) has to be revealed. */
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

/** The key of comparisons in this process, created on first use. */
let comparisonKey: Buffer | undefined;

/** Compares digests of equal length, so that the time depends neither on the lengths nor on the position of the first difference. */
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
