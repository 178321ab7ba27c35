import { answerJson, type Handler } from "./json-answer.ts";

/**
 * Creates the handler of a liveness probe: 200 while the process answers at all. It takes no client, since a restart brings back no
 * secret; a store that is down would end every replica at once.
 */
export function liveness(): Handler {
  return answerJson(() => ({ status: 200, body: { status: "alive" } }));
}
