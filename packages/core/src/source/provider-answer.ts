import { isBytes, privatePayload, sameContent } from "../contract/content.ts";
import type { ProviderResult, SecretPayload } from "../contract/contract.ts";
import { endOfLease, isLease, plainLease } from "../contract/lease.ts";
import { SecretError, type SecretErrorCode } from "../error/secret-error.ts";
import type { Outcome, Payload } from "./source.ts";

/** The request that an answer belongs to. */
export interface AnsweredRequest {
  /** The version on which the answer was conditional. */
  readonly ifVersion: string | undefined;
  /** Wall time of the request, from which the term of a lease counts. */
  readonly askedAt: number;
  /** Monotonic time of the request. */
  readonly beganAt: number;
  /** Wall time of the answer. */
  readonly fetchedAt: number;
}

/** Converts a provider's answer into an outcome. An answer equal to the held one yields the held object. */
export function toOutcome(
  result: ProviderResult,
  held: Payload | undefined,
  provider: string,
  asked: AnsweredRequest,
): Outcome {
  if (!isResult(result)) return invalid(provider, "returned something that is not a result");
  if (result.status === "not-found") return result.definitive ? { kind: "notFound" } : ambiguous(provider);
  if (result.status === "not-modified" && (held === undefined || asked.ifVersion === undefined))
    return invalid(provider, "answered not-modified to an unconditional read");
  if (result.status === "not-modified" && result.version !== asked.ifVersion)
    return invalid(provider, "answered not-modified with a version other than the one in the request");
  const isHeld = result.status === "not-modified" || (held !== undefined && sameReading(held, result));
  const payload = isHeld ? (held as Payload) : toPayload(result, provider, asked);
  const hasEnded = payload.expiresAt !== undefined && payload.expiresAt.getTime() <= asked.fetchedAt;
  return hasEnded ? ended(provider) : payload;
}

function toPayload(
  result: ProviderResult & { status: "ok" },
  provider: string,
  { askedAt, beganAt, fetchedAt }: AnsweredRequest,
): Payload {
  // A store states a duration of 0 for a value that it does not lease.
  const lease = result.lease === undefined || result.lease.durationMs === 0 ? undefined : result.lease;
  const ends = [result.expiresAt, lease === undefined ? undefined : endOfLease(lease, askedAt)].filter(isPresent);
  const payload: Payload = {
    kind: "ok",
    content: privatePayload(result.payload),
    version: result.version,
    fetchedAt,
    provider,
    fallback: false,
  };
  // Assigned instead of spread into the literal above, which would reserve space for the rare members in every payload.
  return Object.assign(payload, {
    ...(result.createdAt === undefined ? {} : { createdAt: new Date(result.createdAt) }),
    ...(ends.length === 0 ? {} : { expiresAt: new Date(Math.min(...ends.map(Number))) }),
    ...(result.refreshAt === undefined ? {} : { refreshAt: new Date(result.refreshAt) }),
    ...(lease === undefined ? {} : { lease: plainLease(lease), leaseEndsAt: beganAt + lease.durationMs }),
    ...(result.labels === undefined ? {} : { labels: { ...result.labels } }),
  });
}

/** Checks the shape of an answer: an adapter may be plain JavaScript, and its answers control timers and values. */
function isResult(result: Partial<ProviderResult> | undefined): result is ProviderResult {
  if (result?.status === "not-found") return typeof result.definitive === "boolean";
  if (result?.status === "not-modified") return typeof result.version === "string";
  if (result?.status !== "ok" || typeof result.version !== "string") return false;
  if (result.lease !== undefined && !isLease(result.lease)) return false;
  return isPayload(result.payload) && [result.createdAt, result.expiresAt, result.refreshAt].every(isDate);
}

function isPayload(payload: Partial<SecretPayload> | undefined): boolean {
  if (payload?.kind === "value") return isBytes(payload.bytes);
  if (payload?.kind !== "fields" || !(payload.fields instanceof Map)) return false;
  return [...payload.fields].every(([name, bytes]) => typeof name === "string" && isBytes(bytes));
}

function isDate(date: Date | undefined): boolean {
  return date === undefined || (date instanceof Date && !Number.isNaN(date.getTime()));
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function sameReading(held: Payload, result: ProviderResult & { status: "ok" }): boolean {
  return (
    held.version === result.version &&
    held.lease === undefined &&
    result.lease === undefined &&
    held.createdAt?.getTime() === result.createdAt?.getTime() &&
    held.expiresAt?.getTime() === result.expiresAt?.getTime() &&
    held.refreshAt?.getTime() === result.refreshAt?.getTime() &&
    sameContent(held.content, result.payload)
  );
}

function ambiguous(provider: string): Outcome {
  const message = `provider "${provider}" answers not found, but cannot tell whether access is missing instead`;
  const options = { provider, definitive: false, tip: "Check the name, then the permissions." };
  return { kind: "failed", error: new SecretError("NOT_FOUND", message, options) };
}

/** Returns the outcome as the event of a read states it. */
export function readFactsOf(outcome: Outcome): {
  readonly outcome: SecretErrorCode | "ok" | "not-found";
  readonly version?: string;
} {
  if (outcome.kind === "failed") return { outcome: outcome.error.code };
  return outcome.kind === "ok" ? { outcome: "ok", version: outcome.version } : { outcome: "not-found" };
}

/** Returns a failure for a credential that has ended too early: the store would issue another one at each attempt. */
export function tooSoon(provider: string, retryAfterMs: number): Outcome {
  const message = `provider "${provider}" issued this credential less than 10 s ago, but it has already ended`;
  const options = { provider, reason: "issue-budget", retryAfterMs, tip: "Have the store issue it for longer." };
  return { kind: "failed", error: new SecretError("UNAVAILABLE", message, options) };
}

/** Returns a failure for an expired value, so that reads back off and another source may be asked. */
function ended(provider: string): Outcome {
  const message = `provider "${provider}" returned a value that has expired`;
  const options = { provider, reason: "expired", tip: "Renew it at its store, or correct the clock of this machine." };
  return { kind: "failed", error: new SecretError("UNAVAILABLE", message, options) };
}

function invalid(provider: string, what: string): Outcome {
  const options = { provider, reason: "invalid-result", tip: "Run the conformance kit on the adapter." };
  return { kind: "failed", error: new SecretError("INTERNAL", `provider "${provider}" ${what}`, options) };
}
