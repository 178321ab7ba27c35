import { detailsOf } from "../error/error-details.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import type { EventFacts } from "../events/event-facts.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import { type ContentReader, isBannedSecret } from "./contents.ts";
import type { Listener, Listeners } from "./listeners.ts";
import type { Verdict } from "./verdict.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";

/** The parts of a view that its notifications need. */
export interface NewsOf<T> extends ContentReader {
  readonly name: string;
  readonly policy: Pick<ViewPolicy<T>, "declared" | "optional">;
  readonly context: Pick<ViewContext, "emit" | "deliveries" | "bans">;
  readonly current: SnapshotSecret<T> | undefined;
  readonly ageMs: number;
  verdict(): Verdict<T>;
  /** Created when the first listener is added. */
  readonly ownListeners: Listeners<T> | undefined;
}

/** Reports a change as an event and then to the listeners of the view, after every view has processed the same reading. */
export function tellChange<T>(
  view: NewsOf<T>,
  current: SnapshotSecret<T>,
  previous: SnapshotSecret<T> | undefined,
  reason: ChangeReason,
  hasAppeared = false,
): void {
  const { version, provider } = current.meta;
  view.context.deliveries.tell(() => {
    view.context.emit({ type: "change", reference: view.name, version, provider, reason });
    // A listener may drop the value or its predecessor, or cause a newer one, during the notification.
    const isOver = (): boolean => view.current !== current;
    const before = (): typeof previous =>
      previous !== undefined && isBannedSecret(view, previous) ? undefined : previous;
    view.ownListeners?.tell((listener) => listener.onChange?.(current, before(), reason, hasAppeared), isOver);
  });
}

export function tellError<T>(view: NewsOf<T>, error: SecretError): void {
  const { code, reason } = error;
  const because = reason === undefined ? {} : { reason };
  const age = view.current === undefined ? {} : { ageMs: Math.round(view.ageMs) };
  const details = { ...servingOf(view), ...detailsOf(error) };
  tellEvent(view, { type: "error", reference: view.name, code, ...because, ...age, ...details });
  tellListeners(view, (listener) => listener.onError?.(error));
}

/** Reports that a value has expired or has become stale; other ends are reported separately. */
export function tellExpiry<T>(view: NewsOf<T>, { code, reason }: SecretError): void {
  if (reason !== "expired" && reason !== "stale") return;
  tellEvent(view, { type: "expired", reference: view.name, code, reason, required: isRequired(view) });
}

export function tellRefusal<T>(view: NewsOf<T>, { version, provider }: Payload, error: SecretError): void {
  const { code, reason = code } = error;
  const details = detailsOf(error);
  tellEvent(view, { type: "refused", reference: view.name, version, provider, code, reason, ...details });
}

export function tellDelete<T>(view: NewsOf<T>): void {
  tellEvent(view, { type: "delete", reference: view.name, ...servingOf(view) });
  tellListeners(view, (listener) => listener.onDelete?.());
}

export function tellEvent<T>(view: NewsOf<T>, event: EventFacts): void {
  view.context.deliveries.tell(() => view.context.emit(event));
}

export function tellListeners<T>(view: NewsOf<T>, call: (listener: Listener<T>) => void): void {
  if (view.ownListeners !== undefined) view.context.deliveries.tell(() => view.ownListeners?.tell(call));
}

function servingOf<T>(view: NewsOf<T>): { readonly served: boolean; readonly required: boolean } {
  const verdict = view.verdict();
  return { served: "serve" in verdict && verdict.serve !== undefined, required: isRequired(view) };
}

function isRequired<T>({ policy }: NewsOf<T>): boolean {
  return policy.declared && !policy.optional;
}
