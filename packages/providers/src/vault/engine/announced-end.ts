import type { ProviderHost } from "@tacit/core/provider";
import { localTime } from "../../shared/server-time.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";

/** The times at which a value expires and is to be replaced, by the clock of this machine. */
export interface Life {
  readonly expiresAt: Date;
  readonly refreshAt: Date;
}

/**
 * Returns the life of a value that expires at a time of Vault's clock. It is replaced after 62 to 67 % of the remaining time; the
 * variation spreads the requests of replicas that started together.
 * @param endsAt milliseconds since the epoch
 */
export function lifeUntil(
  endsAt: number,
  answer: Pick<VaultAnswer, "serverTime">,
  host: Pick<ProviderHost, "clock" | "random">,
): Life {
  const now = host.clock.now();
  const leftMs = Math.max(0, endsAt - (answer.serverTime ?? now));
  return {
    expiresAt: new Date(localTime(endsAt, answer, host)),
    refreshAt: new Date(now + leftMs * (0.62 + 0.05 * host.random())),
  };
}

/** The members with the remaining seconds, as in identity tokens and tokens of Google. They differ in each response. */
export const countdownFields: readonly string[] = ["ttl", "token_ttl", "expires_in"];
/** The members with an expiry by Vault's clock: seconds since the epoch, or a date. */
const momentFields: readonly string[] = ["expires_at_seconds", "expires_at", "expiration", "expire_time"];

/**
 * Returns the life of a value without a lease, from the members of its response: the earliest expiry of all. Returns undefined if
 * there is none.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/tokens#generate-a-signed-id-token
 * @see https://developer.hashicorp.com/vault/api-docs/secret/gcp#generate-secret-iam-service-account-creds-oauth2-access-token
 */
export function announcedLife(
  answer: Pick<VaultAnswer, "data" | "serverTime">,
  host: Pick<ProviderHost, "clock" | "random">,
): Life | undefined {
  const data = (answer.data ?? {}) as Readonly<Record<string, unknown>>;
  const now = host.clock.now();
  const leftMs = Math.min(longestMs, ...known(countdownFields.map((name) => positiveSeconds(data[name]))));
  const endsAt = Math.min(...known(momentFields.map((name) => momentOf(data[name]))));
  const lives = [
    // Remaining seconds do not depend on Vault's clock, whose time is only exact to the second.
    ...(leftMs < longestMs ? [lifeUntil(now + leftMs, { serverTime: undefined }, host)] : []),
    ...(endsAt < now + longestMs ? [lifeUntil(endsAt, answer, host)] : []),
  ];
  return lives.sort((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime())[0];
}

function known(times: readonly number[]): readonly number[] {
  return times.filter((time) => !Number.isNaN(time));
}

/** A later expiry is a mistake, such as milliseconds instead of seconds. */
const longestMs = 100 * 365 * 86_400_000;

/** Converts seconds to milliseconds; returns NaN for other values and for 0, which means no expiry. */
function positiveSeconds(value: unknown): number {
  return typeof value === "number" && value > 0 ? value * 1000 : Number.NaN;
}

/** Converts a date or seconds since the epoch to milliseconds; returns NaN for other values and for the zero time of Go, in the year 1. */
function momentOf(value: unknown): number {
  const at = typeof value === "string" ? Date.parse(value) : positiveSeconds(value);
  return at > 0 ? at : Number.NaN;
}
