import type { ProviderHealth } from "../provider/provider-health.ts";
import type { View } from "../view/view.ts";
import type { Health, SecretHealth } from "./health.ts";
import type { RotationAge } from "./rotation-age.ts";

export function secretHealth(
  view: View<unknown>,
  alias: string | undefined,
  age: RotationAge | undefined,
): SecretHealth {
  const { adopted, problem, block } = view;
  const meta = adopted?.meta;
  const error = block ?? problem;
  return {
    reference: view.reference.text,
    ...(alias === undefined ? {} : { alias }),
    required: view.policy.declared && !view.policy.optional,
    state: stateOf(view),
    ...(meta === undefined
      ? {}
      : { ageMs: view.ageMs, version: meta.version, provider: meta.provider, fallback: meta.fallback }),
    ...(meta?.expiresAt === undefined ? {} : { expiresAt: meta.expiresAt }),
    ...(error === undefined ? {} : { code: error.code }),
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

function stateOf({ adopted, problem, block, absent, policy }: View<unknown>): SecretHealth["state"] {
  const isAbsent = absent && policy.optional;
  if (block !== undefined) return "down";
  if (problem === undefined) return isAbsent ? "absent" : adopted === undefined ? "starting" : "live";
  if (adopted === undefined && !isAbsent) return "down";
  if (absent && !isAbsent) return "deleted";
  return problem.code === "PERMISSION_DENIED" || problem.definitive === false ? "denied" : "stale";
}
