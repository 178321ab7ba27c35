import { median } from "./median.ts";

/** Collects garbage several times, since one pass leaves what weak references and finalizers still hold. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("start node with --expose-gc");
  for (let pass = 0; pass < 3; pass++) globalThis.gc();
}

/** Bytes in use on the JavaScript heap after a collection. */
export function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/**
 * Bytes that one operation allocates on the heap: median of 7 times 20,000 operations without a collection in between
 * (the process needs a young generation that holds them all).
 */
export async function bytesPerOperation(run: (count: number) => unknown): Promise<number> {
  const count = 20_000;
  for (let warm = 0; warm < 10; warm++) await run(count);
  const samples: number[] = [];
  for (let round = 0; round < 7; round++) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const pending = run(count);
    if (pending instanceof Promise) await pending;
    samples.push((process.memoryUsage().heapUsed - before) / count);
  }
  return median(samples);
}
