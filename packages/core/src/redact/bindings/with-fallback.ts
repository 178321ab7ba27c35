/** Returns the result of the first function, or that of the second one if the first throws or its promise rejects. */
export function withFallback(run: () => unknown, otherwise: (error: unknown) => unknown): unknown {
  try {
    const result = run();
    return result instanceof Promise ? result.then(undefined, otherwise) : result;
  } catch (error) {
    return otherwise(error);
  }
}
