import { isSecretError, type SecretError } from "../error/secret-error.ts";
import type { Secret, SnapshotSecret } from "../secret/secret.ts";
import type { Clock } from "../time/clock.ts";
import type { ViewPolicy } from "./view-policy.ts";
import { expired, isDenial, notReady, stale } from "./view-problem.ts";

/** The value that may be served now, and whether the store must be asked first; or the reason that nothing may be served. */
export type Verdict<T> =
  | { readonly serve: Secret<T> | undefined; readonly ask: boolean }
  | { readonly error: SecretError };

/** The input of a verdict. */
export interface Judged<T> {
  readonly name: string;
  readonly policy: Pick<ViewPolicy<T>, "declared" | "optional" | "onDelete">;
  readonly context: {
    readonly scheduler: { readonly clock: Clock };
    readonly maxStaleMs: number;
    readonly onDenied: "keep" | "throw";
  };
  readonly closedBy: SecretError | undefined;
  readonly droppedBy: SecretError | undefined;
  /** The last denial by the store, until it returns a value or reports that there is none. */
  readonly deniedBy: SecretError | undefined;
  readonly current: (Pick<SnapshotSecret<T>, "untilEndMs"> & Secret<T>) | undefined;
  /** The store's last word that it does not exist, until it exists again. */
  readonly notFoundBy: SecretError | undefined;
  readonly lastError: SecretError | undefined;
  /** Milliseconds since the store last confirmed the current value. */
  readonly ageMs: number;
  /** Whether the store must be asked before the held value is served. */
  readonly mustAsk: boolean;
}

/** Decides which value may be served. All entry points use this function, so that they agree. */
export function verdictOf<T>(view: Judged<T>): Verdict<T> {
  const { current, lastError, policy, context } = view;
  if (view.closedBy !== undefined) return { error: view.closedBy };
  if (view.droppedBy !== undefined) return { error: view.droppedBy };
  if (view.deniedBy !== undefined && context.onDenied === "throw") return { error: view.deniedBy };
  if (current === undefined) {
    if (view.notFoundBy !== undefined && policy.optional) return { serve: undefined, ask: view.mustAsk };
    // A getter, because a first load asks several times and rarely uses the error, whose stack is expensive.
    return {
      get error() {
        return notReady(view.name, lastError);
      },
    };
  }
  if (current.untilEndMs(context.scheduler.clock) <= 0) return { error: expired(view.name) };
  if (lastError === undefined) return { serve: current, ask: view.mustAsk };
  const isRefused = isSecretError(lastError, "INVALID_VALUE", "REFUSED");
  // What is refused exists again; any other failure says nothing about that.
  if (view.notFoundBy !== undefined && policy.onDelete === "clear")
    return { error: isRefused ? lastError : view.notFoundBy };
  if (isStaling(lastError) && view.ageMs >= context.maxStaleMs) return { error: stale(view.name, lastError) };
  // An undeclared reference keeps no last good value for a decoder, so a failure to decode is an error.
  if (!policy.declared && isRefused) return { error: lastError };
  return { serve: current, ask: view.mustAsk };
}

/** A denial, and the store's own word that it is gone, are no staleness: `onDenied` and `onDelete` decide about those. */
export function isStaling(error: SecretError): boolean {
  return !isDenial(error) && !(error.code === "NOT_FOUND" && error.definitive === true);
}
