import { median, percentile } from "./median.ts";

/** Something whose cost is sampled next to others. */
export interface Sampled {
  readonly name: string;
  /** Does the work once and answers what it cost. */
  sample(): number | Promise<number>;
}

/** Something that can be repeated often enough to be timed. */
export interface Timed {
  readonly name: string;
  /** Does `count` operations; must throw when one of them gives a wrong result. */
  run(count: number): unknown;
}

/** What one contender cost. */
export interface Timing {
  /** Nanoseconds per operation. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The number of rounds below which a median says little on a shared machine. */
const defaultRounds = 21;
/** The shortest batch that a timer of microsecond resolution and a busy neighbour leave readable in that many rounds. */
const defaultBatchMs = 4;

/**
 * Samples all contenders in each round, starting with another one every time, so that drift and neighbours hit all alike.
 * @returns name -> samples
 */
export async function interleaveSamples(
  contenders: readonly Sampled[],
  rounds: number = defaultRounds,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of rotated(contenders, round)) {
      samples.get(contender.name)?.push(await contender.sample());
    }
  }
  return samples;
}

/** Times operations in batches of at least `batchMs`, interleaved. */
export async function interleave(
  contenders: readonly Timed[],
  rounds: number = defaultRounds,
  batchMs: number = defaultBatchMs,
): Promise<ReadonlyMap<string, Timing>> {
  const sampled: Sampled[] = [];
  for (const contender of contenders) {
    const count = await batchSize(contender, batchMs);
    sampled.push({ name: contender.name, sample: () => batch(contender, count) });
  }
  const samples = await interleaveSamples(sampled, rounds);
  return new Map([...samples].map(([name, values]) => [name, timing(values)]));
}

/** As many rounds as fit into a time of which one takes `roundMs`, within limits. */
export function roundsWithin(budgetMs: number, roundMs: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Math.round(budgetMs / roundMs)));
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** Doubles until a batch is long enough; on the way the code gets hot. */
async function batchSize(contender: Timed, batchMs: number): Promise<number> {
  for (let count = 1; ; count *= 2) {
    if (await isAlwaysLonger(contender, count, batchMs)) return count;
  }
}

/** One pause of the process would make a batch of a few operations look long. */
async function isAlwaysLonger(contender: Timed, count: number, batchMs: number): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    if ((await batch(contender, count)) * count < batchMs * 1e6) return false;
  }
  return true;
}

async function batch(contender: Timed, count: number): Promise<number> {
  const start = performance.now();
  const pending = contender.run(count);
  if (pending instanceof Promise) await pending;
  return ((performance.now() - start) * 1e6) / count;
}

function timing(samples: readonly number[]): Timing {
  return { median: median(samples), low: percentile(samples, 0.25), high: percentile(samples, 0.75) };
}
