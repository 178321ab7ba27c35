/**
 * Objects that hear something, such as the observers of a source. There is nearly always one, and one list per secret, so a single one
 * is stored without an array. Never changed: adding and removing return another one.
 */
export type OneOrMany<T extends object> = T | readonly T[] | undefined;

/** Returns them as a list, in the order in which they came. */
export function listOf<T extends object>(some: OneOrMany<T>): readonly T[] {
  if (some === undefined) return [];
  return isList(some) ? some : [some];
}

/** Returns them with an additional one, which may already be present. */
export function withOne<T extends object>(some: OneOrMany<T>, one: T): OneOrMany<T> {
  return some === undefined ? one : [...listOf(some), one];
}

/** Returns them without that one, removed once. */
export function withoutOne<T extends object>(some: OneOrMany<T>, one: T): OneOrMany<T> {
  const at = listOf(some).indexOf(one);
  const left = listOf(some).filter((_, index) => index !== at);
  return left.length > 1 ? left : left[0];
}

function isList<T extends object>(some: T | readonly T[]): some is readonly T[] {
  return Array.isArray(some);
}
