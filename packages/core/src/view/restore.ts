import { isSecretError, SecretError } from "../error/secret-error.ts";
import { confirmSecret, type SnapshotSecret } from "../secret/secret.ts";
import type { Answer, Payload } from "../source/source.ts";
import { type ContentReader, isBannedPayload } from "./contents.ts";
import type { RestorableView, ViewContext } from "./view-policy.ts";

/** The part of a view that restoring its value needs. */
export interface RestoredView extends ContentReader, RestorableView {
  readonly name: string;
  readonly context: ViewContext;
  readonly current: SnapshotSecret<unknown> | undefined;
  readonly payload: Payload | undefined;
  readonly lastError: SecretError | undefined;
  readonly isNotFound: boolean;
  readonly isDropped: boolean;
  readonly isClosed: boolean;
  readonly deniedBy: SecretError | undefined;
  readonly idle: Promise<void> | undefined;
  take(answer: Answer): void;
}

/** Whether an error means that no store could be asked, and so says nothing about the secret. */
export function isOutage(error: SecretError | undefined): boolean {
  return isSecretError(error, "UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED");
}

/** Offers a view the value of an earlier process if no store could be asked. The error remains, and polling continues. */
export async function restore(view: RestoredView): Promise<void> {
  const { snapshot, scheduler, deliveries, emit } = view.context;
  if (snapshot === undefined || !isWanted(view)) return;
  const found = await snapshot.find(view);
  // A store may have answered meanwhile.
  if (found === undefined || !isWanted(view) || view.idle !== undefined || isBannedPayload(view, found.payload)) return;
  const { payload, confirmedAt } = found;
  const ageMs = Math.max(0, scheduler.clock.now() - confirmedAt);
  // With the earliest stamp, the value does not answer an invalidation.
  const answer = { outcome: payload, began: 0, at: scheduler.clock.monotonic() - ageMs };
  deliveries.deliver([view], (one) => one.take(answer));
  await view.idle;
  if (view.current === undefined || view.payload !== payload) return;
  confirmSecret(view.current, confirmedAt);
  const { version, provider } = payload;
  emit({ type: "snapshot", reference: view.name, version, provider, ageMs });
}

/** Restores a value even if no store has failed yet, because a caller cannot wait any longer. */
export async function restoreLate(view: RestoredView): Promise<void> {
  const { snapshot, scheduler } = view.context;
  if (snapshot === undefined || view.current !== undefined) return;
  if (view.lastError === undefined && !view.isNotFound) {
    const error = new SecretError("UNAVAILABLE", `no store has answered for "${view.name}" yet`, {
      reason: "timeout",
      reference: view.name,
    });
    view.take({ outcome: { kind: "failed", error }, began: 0, at: scheduler.clock.monotonic() });
  }
  await restore(view);
}

function isWanted({ current, isNotFound, isDropped, isClosed, deniedBy, lastError }: RestoredView): boolean {
  const isUndecided = !isNotFound && !isDropped && !isClosed && deniedBy === undefined;
  return current === undefined && isUndecided && isOutage(lastError);
}
