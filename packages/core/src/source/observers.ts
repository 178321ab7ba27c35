import type { SourceObserver } from "./source.ts";

/**
 * The observers of a source. There is nearly always one, and one source per secret, so a single one is stored without an array.
 */
export type Observers = SourceObserver | readonly SourceObserver[] | undefined;

/** Returns the observers as a list, in the order of their registration. */
export function listOf(observers: Observers): readonly SourceObserver[] {
  if (observers === undefined) return [];
  return isList(observers) ? observers : [observers];
}

/** Returns the observers and an additional one, which may already be among them. */
export function withObserver(observers: Observers, observer: SourceObserver): Observers {
  return observers === undefined ? observer : [...listOf(observers), observer];
}

/** Returns the observers without one registration of the given one. */
export function withoutObserver(observers: Observers, observer: SourceObserver): Observers {
  const at = listOf(observers).indexOf(observer);
  const left = listOf(observers).filter((_, index) => index !== at);
  return left.length > 1 ? left : left[0];
}

function isList(observers: SourceObserver | readonly SourceObserver[]): observers is readonly SourceObserver[] {
  return Array.isArray(observers);
}
