/** Choices that a seed decides, so that a failing run can be repeated. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** An integer of the range, both ends included. */
  between(least: number, most: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(probability: number): boolean;
}

/** The "minimal standard" generator of Park and Miller. @param seed a positive integer */
export function seededRandom(seed: number): SeededRandom {
  const modulus = 2 ** 31 - 1;
  let state = (seed * 7_919_777) % modulus;
  const next = (): number => {
    state = (state * 48_271) % modulus;
    return (state - 1) / (modulus - 1);
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    pick: (choices) => choices[between(0, choices.length - 1)] as (typeof choices)[number],
    chance: (probability) => next() < probability,
  };
}
