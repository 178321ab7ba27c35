import type { Secret } from "../secret/secret.ts";

/** Decides about every new value, including the first. Returning `false` or throwing refuses it. */
export type Accept<T> = (
  next: Secret<T>,
  previous: Secret<T> | undefined,
  signal: AbortSignal,
) => undefined | boolean | Promise<undefined | boolean> | Promise<void> | void;
