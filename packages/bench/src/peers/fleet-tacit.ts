import { openMemoryClient } from "../double/client.ts";
import { valueResult } from "../double/memory-adapter.ts";

const declare = { db: { ref: "db/primary" } } as const;
const hourMs = 3_600_000;
const outageMs = 120_000;

/**
 * One client with one declared secret, on a clock of its own, for an hour.
 * @param start seconds after the first second of the fleet began
 * @returns the moments of its store calls, in seconds
 */
export async function tacitRefreshes(random: () => number, start: number): Promise<readonly number[]> {
  const { manualClock } = await import("@tacit/core/testing");
  const clock = manualClock();
  const begin = clock.monotonic() - start * 1_000;
  const calls: number[] = [];
  const client = await openMemoryClient({
    declare,
    clock,
    random,
    get: () => {
      calls.push((clock.monotonic() - begin) / 1_000);
      return valueResult("s3cret-fixture", "1");
    },
  });
  await client.ready();
  await clock.advance(hourMs - start * 1_000);
  await client.close();
  return calls;
}

/**
 * One client whose store goes down for 120 s and which is told to look again in the first second of that: the worst
 * moment for a store is the one at which every client wants something.
 * @returns the moments of its store calls since the outage began, in seconds; up to the first good one
 */
export async function tacitOutage(random: () => number, start: number): Promise<readonly number[]> {
  const { manualClock } = await import("@tacit/core/testing");
  const { SecretError } = await import("@tacit/core");
  const clock = manualClock();
  let begin: number | undefined;
  const calls: number[] = [];
  const client = await openMemoryClient({
    declare,
    clock,
    random,
    get: () => {
      const moment = begin === undefined ? undefined : clock.monotonic() - begin;
      if (moment !== undefined && (calls.at(-1) ?? 0) * 1_000 < outageMs) calls.push(moment / 1_000);
      if (moment !== undefined && moment < outageMs) throw new SecretError("UNAVAILABLE", "the bench's store is down");
      return valueResult("s3cret-fixture", "1");
    },
  });
  await client.ready();
  // Long after the start, so that the first poll's phase has no part in it.
  await clock.advance(hourMs);
  begin = clock.monotonic();
  await clock.advance(start * 1_000);
  client.notify({ reference: "db/primary" });
  await clock.advance(3 * outageMs);
  await client.close();
  return calls;
}
