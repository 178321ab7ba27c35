/** Seconds until the next call. */
export type NextRefresh = (random: () => number) => number;
/** Seconds until the next attempt after a failure, the first one being number 0. */
export type NextAttempt = (failure: number, random: () => number) => number;

const ttl = 300;

/** policy -> how it refreshes what lives for 300 s */
export const refreshPolicies: ReadonlyMap<string, NextRefresh> = new Map<string, NextRefresh>([
  ["fixed ttl", () => ttl],
  ["ttl +- 10 %", (random) => ttl * (0.9 + 0.2 * random())],
  ["uniform in [ttl/2, ttl] (AWS caching for Java)", (random) => ttl * (0.5 + 0.5 * random())],
]);

const exponential = (failure: number, first: number, cap: number): number => Math.min(cap, first * 2 ** failure);

/** policy -> how it tries again */
export const retryPolicies: ReadonlyMap<string, NextAttempt> = new Map<string, NextAttempt>([
  ["fixed 1 s", () => 1],
  ["fixed 5 s", () => 5],
  ["exponential 1 to 60 s, no jitter", (failure) => exponential(failure, 1, 60)],
  ["exponential 1 to 60 s, full jitter", (failure, random) => exponential(failure, 1, 60) * random()],
  ["0.8 to 30 s x uniform in [1, 2] (client-go)", (failure, random) => exponential(failure, 0.8, 30) * (1 + random())],
  ["1 to 20 s, full jitter (AWS caching for Java)", (failure, random) => exponential(failure, 1, 20) * random()],
]);
