import type { SecretWatch } from "@tacit/core";
import { generationOf, type Pair } from "../mounted/pair.ts";

/** The generations that one watch has told of, in order. */
export interface RotationLog {
  readonly seen: readonly number[];
  /** Resolves once the watch has told of this generation. The test's own deadline bounds it. */
  until(generation: number): Promise<void>;
}

/** Listens to a watch; a torn pair shows up as NaN. */
export function createRotationLog(watch: SecretWatch<Pair>): RotationLog {
  const seen: number[] = [];
  /** generation -> who waits for it */
  const waiting = new Map<number, () => void>();
  watch.on("change", ({ current }) => {
    const generation = readGeneration(current.reveal());
    seen.push(generation);
    waiting.get(generation)?.();
  });
  return {
    seen,
    async until(generation) {
      if (seen.includes(generation)) return;
      await new Promise<void>((resolve) => waiting.set(generation, resolve));
    },
  };
}

/** Whether each generation came after an older one, and none twice. */
export function isRising(generations: readonly number[]): boolean {
  return generations.every((generation, index) => index === 0 || generation > (generations[index - 1] ?? Number.NaN));
}

function readGeneration(pair: Pair): number {
  try {
    return generationOf(pair);
  } catch {
    return Number.NaN;
  }
}
