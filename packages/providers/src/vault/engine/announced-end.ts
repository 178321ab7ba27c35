import type { ProviderHost } from "@tacit/core/provider";
import { localTime } from "../../shared/server-time.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";

/** Where the life of a value ends, and when it is to be replaced. */
export interface Life {
  readonly expiresAt: Date;
  readonly refreshAt: Date;
}

/**
 * Returns the life of a value that ends at a moment of Vault's clock. It is replaced after two thirds of that, and a little
 * earlier for some: replicas that started together must not come together.
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

/** Seconds that are left, as identity tokens and tokens of Google tell them. They differ with each read. */
export const countdownFields: readonly string[] = ["ttl", "token_ttl", "expires_in"];
/** Moments of Vault's clock: seconds since the epoch, or a date. */
const momentFields: readonly string[] = ["expires_at_seconds", "expires_at", "expiration", "expire_time"];

/**
 * Returns the life that an engine announces in the data of an answer, where it grants no lease: the earliest end of all that
 * it names. Undefined where it names none.
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
    // Seconds that are left need no clock of Vault's, which is told to the second.
    ...(leftMs < longestMs ? [lifeUntil(now + leftMs, { serverTime: undefined }, host)] : []),
    ...(endsAt < now + longestMs ? [lifeUntil(endsAt, answer, host)] : []),
  ];
  return lives.sort((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime())[0];
}

function known(times: readonly number[]): readonly number[] {
  return times.filter((time) => !Number.isNaN(time));
}

/** More than anything lives that ends: further off lies a mistake, such as milliseconds in the place of seconds. */
const longestMs = 100 * 365 * 86_400_000;

/** 0 says that there is no end. */
function positiveSeconds(value: unknown): number {
  return typeof value === "number" && value > 0 ? value * 1000 : Number.NaN;
}

/** Go writes the year 1 for no time. */
function momentOf(value: unknown): number {
  const at = typeof value === "string" ? Date.parse(value) : positiveSeconds(value);
  return at > 0 ? at : Number.NaN;
}
