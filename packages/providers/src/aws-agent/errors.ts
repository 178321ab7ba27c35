import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";

/** The statuses that an agent writes, or passes on from AWS. */
export const refusals: readonly number[] = [400, 401, 403, 404, 429, 500];

/** Turns what the agent itself says into an error; nothing that it wrote is in it. */
export function agentFailure(answer: HttpAnswer): SecretError {
  const plain = answer.failure();
  const words = textIn(answer);
  const { cause } = plain;
  if (/not ready to serve traffic/i.test(words))
    return new SecretError("UNAVAILABLE", "the extension of AWS Lambda is not ready yet", {
      reason: "agent-not-ready",
      retryAfterMs: 1000,
      cause,
      tip: "It serves while a function is invoked, not while its modules load: await ready() in the handler.",
    });
  if (answer.status === 401 || (answer.status === 403 && /bad token/i.test(words)))
    return new SecretError("UNAUTHENTICATED", "the agent does not know the token", {
      reason: "login-refused",
      cause,
      tip: "Use the token that the agent was started with: the agent reads its file once, so restart it after the file has changed.",
    });
  if (answer.status === 400)
    return new SecretError("INTERNAL", "the agent rejected the request as invalid", {
      reason: "bad-request",
      cause,
      tip: "Check that `url` leads directly to the agent, without a proxy, and that it serves this `service`.",
    });
  return plain;
}

function textIn(answer: HttpAnswer): string {
  try {
    return answer.text();
  } catch {
    return "";
  }
}
