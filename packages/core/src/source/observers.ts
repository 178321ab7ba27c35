import type { SourceObserver } from "./source.ts";

/** Who observes a source. Nearly always one, and there is a source per secret, so one is held without an array around it. */
export type Observers = SourceObserver | readonly SourceObserver[] | undefined;

/** Returns them as a list, in the order in which they came. */
export function listOf(observers: Observers): readonly SourceObserver[] {
  if (observers === undefined) return [];
  return isList(observers) ? observers : [observers];
}

/** Returns them with another one, which may be there already. */
export function withObserver(observers: Observers, observer: SourceObserver): Observers {
  return observers === undefined ? observer : [...listOf(observers), observer];
}

/** Returns them with that one gone, once. */
export function withoutObserver(observers: Observers, observer: SourceObserver): Observers {
  const at = listOf(observers).indexOf(observer);
  const left = listOf(observers).filter((_, index) => index !== at);
  return left.length > 1 ? left : left[0];
}

function isList(observers: SourceObserver | readonly SourceObserver[]): observers is readonly SourceObserver[] {
  return Array.isArray(observers);
}
