import type { Secret } from "../secret/secret.ts";

/** Asked about every new value, the first too. Returning `false` or throwing refuses it. */
export type Accept<T> = (
  next: Secret<T>,
  previous: Secret<T> | undefined,
  signal: AbortSignal,
) => undefined | boolean | Promise<undefined | boolean> | Promise<void> | void;
