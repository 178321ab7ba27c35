/** The seeds of a model test: the first 12 in the ordinary run, all of them where `TACIT_ALL_SEEDS` is set, as .ci/run does. */
export function seedsOf(all: number): readonly number[] {
  const length = process.env.TACIT_ALL_SEEDS === undefined ? Math.min(12, all) : all;
  return Array.from({ length }, (_, index) => index + 1);
}

/** How often a property is tried: a fifth of the times in the ordinary run, all of them where `TACIT_ALL_SEEDS` is set. */
export function runsOf(all: number): number {
  return process.env.TACIT_ALL_SEEDS === undefined ? Math.ceil(all / 5) : all;
}
