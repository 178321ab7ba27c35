/** A function that loads something with its first call. */
export interface LoadedOnce<T> {
  (): Promise<T>;
  /** What it has begun to load. */
  readonly loaded: Promise<T> | undefined;
}

/**
 * Makes a function that loads once; a failure is forgotten, so that the next call tries again. An `import()` that is repeated costs a tenth
 * of a millisecond, also where the module is there already.
 */
export function loadOnce<T>(load: () => Promise<T>): LoadedOnce<T> {
  let loading: Promise<T> | undefined;
  const get = (): Promise<T> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return Object.defineProperty(get, "loaded", { get: () => loading }) as LoadedOnce<T>;
}
