import { stat } from "node:fs/promises";

/**
 * Waits so many turns of the event loop for sockets and files, or until a condition holds; no clock advances. Every tenth turn
 * waits for a file: on a busy machine the threads that read files need longer than any number of turns.
 */
export async function turns(most = 50, holds: () => boolean = () => false): Promise<void> {
  for (let turn = 0; turn < most && !holds(); turn += 1) {
    await new Promise(setImmediate);
    if (turn % 10 === 9) await stat(import.meta.dirname);
  }
}
