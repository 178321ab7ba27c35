import { SecretError } from "../error/secret-error.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Outcome } from "./source.ts";

/** How long a first load waits for one source while another stands behind it. */
const patienceMs = 4_000;

/** Waits for a source, not for ever. One that is slow is left behind, not given up: `onLate` hears its answer. */
export async function patiently(
  name: string,
  reading: Promise<Outcome>,
  scheduler: Scheduler,
  onLate: (late: Outcome) => void,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const timer = scheduler.after(patienceMs, () => {
    resolve({ kind: "failed", error: tooSlow(name) });
    void reading.then(onLate);
  });
  void reading.then(resolve);
  const outcome = await promise;
  scheduler.cancel(timer);
  return outcome;
}

function tooSlow(name: string): SecretError {
  return new SecretError(
    "UNAVAILABLE",
    `no answer for "${name}" within ${patienceMs / 1000} s; the next source is asked`,
    { reason: "timeout", reference: name },
  );
}
