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

/** Whether an error tells that no store could be asked, and nothing about the secret. */
export function isOutage(error: SecretError | undefined): boolean {
  return isSecretError(error, "UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED");
}

/** Offers a view that nothing could be read for what an earlier process held. The problem stays, and so does polling. */
export async function restore(view: RestoredView): Promise<void> {
  const { snapshot, scheduler, deliveries, emit } = view.context;
  if (snapshot === undefined || !isWanted(view)) return;
  const found = await snapshot.find(view);
  // A store may have answered meanwhile.
  if (found === undefined || !isWanted(view) || view.idle !== undefined || isBannedPayload(view, found.payload)) return;
  const { payload, confirmedAt } = found;
  const ageMs = Math.max(0, scheduler.clock.now() - confirmedAt);
  // No invalidation is answered by it.
  const answer = { outcome: payload, began: 0, at: scheduler.clock.monotonic() - ageMs };
  deliveries.deliver([view], (one) => one.take(answer));
  await view.idle;
  if (view.current === undefined || view.payload !== payload) return;
  confirmSecret(view.current, confirmedAt);
  const { version, provider } = payload;
  emit({ type: "snapshot", reference: view.name, version, provider, ageMs });
}

/** The same where the store has not even failed: somebody cannot wait any longer. */
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
