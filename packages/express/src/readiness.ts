import type { Health } from "@tacit/core";
import { checkArgument, optionRules } from "@tacit/core/provider";
import { answerJson, type Handler } from "./json-answer.ts";

/** The part of a client that tells how it does; without I/O. */
export interface HealthSource {
  /** What is served, and how well; without I/O. */
  health(): Health;
}

/**
 * Creates the handler of a readiness probe: 503 while a required secret has no value that may be served, so for `starting`, `down`
 * and a client that was closed, else 200. Degraded is 200: everything is served, and an outage of a store must not take every
 * replica out of service. The answer holds the status alone, and no names.
 */
export function readiness(secrets: HealthSource): Handler {
  checkArgument("readiness", "secrets", secrets, optionRules.methods("health"));
  return answerJson(() => {
    const { status } = secrets.health();
    return { status: statusCodeOf(status), body: { status } };
  });
}

/** Red where a request for a secret could not be answered. */
export function statusCodeOf(status: Health["status"]): number {
  return status === "ok" || status === "degraded" ? 200 : 503;
}
