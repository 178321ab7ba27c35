import type { Secret } from "../secret/secret.ts";

/**
 * Decides whether a new value is adopted; called for every one, including the first. It refuses a value by returning `false` or
 * throwing. The signal aborts after 10 s, when a newer value arrives, and when the client closes.
 */
export type Accept<T> = (
  next: Secret<T>,
  previous: Secret<T> | undefined,
  signal: AbortSignal,
) => undefined | boolean | Promise<undefined | boolean> | Promise<void> | void;
