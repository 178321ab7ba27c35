import { detailsOf } from "../error/error-details.ts";
import { SecretError } from "../error/secret-error.ts";
import type { ProviderHealth } from "../provider/provider-health.ts";
import type { View } from "../view/view.ts";
import { isDenial } from "../view/view-problem.ts";
import type { Health, SecretHealth } from "./health.ts";
import type { RotationAge } from "./rotation-age.ts";

/** A poll may be late by its jitter and by the time that a call takes. */
const unconfirmedPolls = 3;
const unconfirmedMarginMs = 30_000;

export function secretHealth(
  view: View<unknown>,
  alias: string | undefined,
  age: RotationAge | undefined,
): SecretHealth {
  const meta = view.current?.meta;
  const error = whatIsWrong(view);
  return {
    reference: view.reference.text,
    ...(alias === undefined ? {} : { alias }),
    required: view.policy.declared && !view.policy.optional,
    state: stateOf(view),
    ...(meta === undefined
      ? {}
      : { ageMs: Math.round(view.ageMs), version: meta.version, provider: meta.provider, fallback: meta.fallback }),
    ...(meta?.snapshot === undefined ? {} : { snapshot: meta.snapshot }),
    ...(meta?.expiresAt === undefined ? {} : { expiresAt: meta.expiresAt }),
    ...(error === undefined ? {} : { code: error.code, ...detailsOf(error) }),
    ...(error?.reason === undefined ? {} : { reason: error.reason }),
    ...(age?.overdue === true ? { overdue: true as const } : {}),
  };
}

export function statusOf(
  secrets: readonly SecretHealth[],
  providers: readonly ProviderHealth[],
  hasBegun: boolean,
): Health["status"] {
  const required = secrets.filter((secret) => secret.required);
  if (required.some(({ state }) => state === "down")) return "down";
  if (!hasBegun || required.some(({ state }) => state === "starting")) return "starting";
  const troubled = secrets.some(isTroubled);
  const used = providers.filter(({ state }) => state !== "unopened");
  const lost = used.some(({ state, degraded }) => state !== "open" || degraded);
  return troubled || lost ? "degraded" : "ok";
}

/** A reference that nobody declared may well not exist; that is its reader's business. */
function isTroubled({ alias, state, fallback }: SecretHealth): boolean {
  if (fallback === true || state === "stale" || state === "denied") return true;
  return alias !== undefined && (state === "deleted" || state === "down");
}

/** What keeps a value from being served, else what is wrong with it. */
function whatIsWrong(view: View<unknown>): SecretError | undefined {
  const verdict = view.verdict();
  if ("serve" in verdict) return view.lastError ?? (isUnconfirmed(view) ? unconfirmed(view) : undefined);
  return view.isClosed === false && verdict.error.reason === "not-loaded" ? view.lastError : verdict.error;
}

/**
 * Tells whether the store has confirmed nothing for several poll intervals, although nothing failed. Asked of the clock alone, so
 * that it is seen although no timer fires any more.
 */
function isUnconfirmed(view: View<unknown>): boolean {
  if (view.current === undefined || !view.isRefreshing) return false;
  const pollMs = Math.max(0, ...view.source.stores().map((store) => store.pollMs));
  return view.ageMs > unconfirmedPolls * pollMs + unconfirmedMarginMs;
}

function unconfirmed({ name, ageMs }: View<unknown>): SecretError {
  const seconds = Math.round(ageMs / 1_000);
  return new SecretError(
    "UNAVAILABLE",
    `"${name}" has not been confirmed by its store for ${seconds} s, although nothing failed`,
    {
      reason: "unconfirmed",
      reference: name,
      tip: "The process was suspended or is too busy to poll. Restart it if this lasts.",
    },
  );
}

function stateOf(view: View<unknown>): SecretHealth["state"] {
  const { lastError, isNotFound } = view;
  const verdict = view.verdict();
  if ("error" in verdict) return verdict.error.reason === "not-loaded" && lastError === undefined ? "starting" : "down";
  if (lastError === undefined && verdict.serve === undefined) return "absent";
  if (lastError === undefined) return isUnconfirmed(view) ? "stale" : "live";
  // An optional one that is not there has no last good value that could have been deleted.
  if (isNotFound && verdict.serve !== undefined) return "deleted";
  return isDenial(lastError) ? "denied" : "stale";
}
