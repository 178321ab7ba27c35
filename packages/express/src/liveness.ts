import { answerJson, type Handler } from "./json-answer.ts";

/**
 * Creates the handler of a liveness probe: 200 while the process answers at all. It takes no client, because a restart does not
 * restore a secret, and an outage of a store would restart every replica.
 */
export function liveness(): Handler {
  return answerJson(() => ({ status: 200, body: { status: "alive" } }));
}
