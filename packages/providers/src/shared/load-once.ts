/** A function that loads something with its first call. */
export interface LoadedOnce<T> {
  (): Promise<T>;
  /** The result of the load that has started or succeeded; undefined before the first call and after a failure. */
  readonly loaded: Promise<T> | undefined;
}

/**
 * Creates a function that loads once; after a failure, the next call tries again. Calling `import()` repeatedly would cost a tenth of a
 * millisecond each time, even for a loaded module.
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
