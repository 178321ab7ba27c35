import type { SecretError } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import type { Adopting } from "./adopting.ts";

/** Tells the client's events, then the followers of a view. */
export function reportChange<T>(
  view: Adopting<T>,
  current: SnapshotSecret<T>,
  previous: SnapshotSecret<T> | undefined,
  reason: ChangeReason,
): void {
  const { version, provider } = current.meta;
  view.context.emit({ type: "changed", reference: view.name, version, provider, reason });
  view.tell((audience) => audience.changed(current, previous, reason));
}

export function reportFailure<T>(view: Adopting<T>, error: SecretError): void {
  const { code, reason } = error;
  view.context.emit({
    type: "refresh-failed",
    reference: view.name,
    code,
    ...(reason === undefined ? {} : { reason }),
    ...(view.adopted === undefined ? {} : { ageMs: view.ageMs }),
  });
  view.tell((audience) => audience.failed(error));
}

export function reportRefusal<T>(
  view: Adopting<T>,
  { version, provider }: Payload,
  { code, reason }: SecretError,
): void {
  view.context.emit({ type: "refused", reference: view.name, version, provider, reason: reason ?? code });
}
