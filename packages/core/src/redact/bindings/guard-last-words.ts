import { writeSync } from "node:fs";

const stderr = 2;
/** The maximum number of pauses, a second in total; a reader that is slower has stopped. */
const maxPauses = 200;
const pauseMs = 5;

/** Writes to stderr synchronously, because the process ends before a stream has written everything. Never throws. */
export function printToTheLast(text: string): void {
  let rest = Buffer.from(text);
  let pauses = 0;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(stderr, rest));
    } catch (error) {
      // EAGAIN means that the pipe is full.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || pauses === maxPauses) return;
      pauses += 1;
      pause();
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}
