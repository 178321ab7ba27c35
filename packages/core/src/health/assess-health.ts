import { detailsOf } from "../error/error-details.ts";
import { SecretError } from "../error/secret-error.ts";
import type { ProviderHealth } from "../provider/provider-health.ts";
import type { View } from "../view/view.ts";
import { isDenial } from "../view/view-problem.ts";
import type { Health, SecretHealth } from "./health.ts";
import type { RotationAge } from "./rotation-age.ts";

/** The margin for jitter and the duration of a call, after which a value counts as unconfirmed. */
const unconfirmedPolls = 3;
const unconfirmedMarginMs = 30_000;

/** Returns the health of one secret. */
export function secretHealth(
  view: View<unknown>,
  alias: string | undefined,
  age: RotationAge | undefined,
): SecretHealth {
  const meta = view.current?.meta;
  const error = problemOf(view);
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

/** Returns the status of a client from its secrets and providers. */
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

/** Returns whether a secret degrades the client. An undeclared reference may be missing without being a problem. */
function isTroubled({ alias, state, fallback }: SecretHealth): boolean {
  if (fallback === true || state === "stale" || state === "denied") return true;
  return alias !== undefined && (state === "deleted" || state === "down");
}

/** Returns the error that prevents serving; else the last failure of a value that is served. */
function problemOf(view: View<unknown>): SecretError | undefined {
  const verdict = view.verdict();
  if ("serve" in verdict) return view.lastError ?? (isUnconfirmed(view) ? unconfirmed(view) : undefined);
  return view.isClosed === false && verdict.error.reason === "not-loaded" ? view.lastError : verdict.error;
}

/**
 * Returns whether the store has confirmed nothing for several poll intervals, although nothing failed. It uses only the clock,
 * so that it also notices timers that no longer fire.
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
  // An optional secret that never existed has no last good value, so it was not deleted.
  if (isNotFound && verdict.serve !== undefined) return "deleted";
  return isDenial(lastError) ? "denied" : "stale";
}
