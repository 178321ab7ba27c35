import { writeSync } from "node:fs";

const stderr = 2;
/** Together a second: a reader that is this slow has stopped. */
const maxPauses = 200;
const pauseMs = 5;

/** Writes to stderr without any stream: the process ends before a stream would have written all. It never throws. */
export function printToTheLast(text: string): void {
  let rest = Buffer.from(text);
  let pauses = 0;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(stderr, rest));
    } catch (error) {
      // a full pipe
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || pauses === maxPauses) return;
      pauses += 1;
      pause();
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}
