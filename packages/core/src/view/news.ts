import { detailsOf } from "../error/error-details.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import type { SecretEvent } from "../events/events.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import type { Listener, Listeners } from "./listeners.ts";
import type { ViewContext } from "./view-policy.ts";

/** Whose news it is. */
export interface NewsOf<T> {
  readonly name: string;
  readonly context: Pick<ViewContext, "emit" | "deliveries">;
  readonly current: SnapshotSecret<T> | undefined;
  readonly ageMs: number;
  /** Made when somebody listens. */
  readonly ownListeners: Listeners<T> | undefined;
}

/** Tells the client's events, then the listeners of a view; after every view that the same reading concerns has taken it. */
export function tellChange<T>(
  view: NewsOf<T>,
  current: SnapshotSecret<T>,
  previous: SnapshotSecret<T> | undefined,
  reason: ChangeReason,
): void {
  const { version, provider } = current.meta;
  view.context.deliveries.tell(() => {
    view.context.emit({ type: "change", reference: view.name, version, provider, reason });
    // A listener may drop the value, or bring a newer one, while it is told.
    const isOver = (): boolean => view.current !== current;
    view.ownListeners?.tell((listener) => listener.onChange?.(current, previous, reason), isOver);
  });
}

export function tellError<T>(view: NewsOf<T>, error: SecretError): void {
  const { code, reason } = error;
  const because = reason === undefined ? {} : { reason };
  const age = view.current === undefined ? {} : { ageMs: view.ageMs };
  tellEvent(view, { type: "error", reference: view.name, code, ...because, ...age, ...detailsOf(error) });
  tellListeners(view, (listener) => listener.onError?.(error));
}

export function tellRefusal<T>(view: NewsOf<T>, { version, provider }: Payload, error: SecretError): void {
  const { code, reason = code } = error;
  const details = detailsOf(error);
  tellEvent(view, { type: "refused", reference: view.name, version, provider, code, reason, ...details });
}

export function tellDelete<T>(view: NewsOf<T>): void {
  tellEvent(view, { type: "delete", reference: view.name });
  tellListeners(view, (listener) => listener.onDelete?.());
}

export function tellEvent<T>(view: NewsOf<T>, event: SecretEvent): void {
  view.context.deliveries.tell(() => view.context.emit(event));
}

export function tellListeners<T>(view: NewsOf<T>, call: (listener: Listener<T>) => void): void {
  if (view.ownListeners !== undefined) view.context.deliveries.tell(() => view.ownListeners?.tell(call));
}
