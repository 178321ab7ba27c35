import type { Health } from "@tacit/core";
import { checkArgument, optionRules } from "@tacit/core/provider";
import { answerJson, type Handler } from "./json-answer.ts";

/** The part of a client that reports its health; without I/O. */
export interface HealthSource {
  /** Returns the state of the served values; without I/O. */
  health(): Health;
}

/**
 * Creates the handler of a readiness probe: 503 while a required secret has no value that may be served (`starting`, `down`, or
 * a closed client), else 200. Degraded is 200: everything is served, and an outage of a store must not take every replica out
 * of service. The response contains only the status, and no names.
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
