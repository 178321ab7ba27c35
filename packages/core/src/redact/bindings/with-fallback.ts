/** The result of the first function, or of the second if the first throws or gives a promise that is rejected. */
export function withFallback(run: () => unknown, otherwise: (error: unknown) => unknown): unknown {
  try {
    const result = run();
    return result instanceof Promise ? result.then(undefined, otherwise) : result;
  } catch (error) {
    return otherwise(error);
  }
}
