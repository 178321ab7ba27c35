/** What the tests keep in a secret: two fields that only ever change together. */
export interface Pair {
  readonly username: string;
  readonly password: string;
}

/** The pair of one generation. Both fields tell it, so a reader can see whether they belong together. */
export function pairOf(generation: number): Pair {
  return { username: `user-${generation}`, password: `s3cret-fixture-${generation}` };
}

/**
 * Tells which generation a pair is of.
 * @throws when its fields are of two generations, or of none
 */
export function generationOf({ username, password }: Pair): number {
  const generation = Number(/^user-(\d+)$/.exec(username)?.[1]);
  if (pairOf(generation).password !== password) throw new Error("a torn pair, or one that nobody wrote");
  return generation;
}
