import type { SecretError } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { Gatekeeper } from "./admission.ts";

/** Who follows a view: watches, derived resources, previous values. Called when the new state stands; must not throw. */
export interface Follower<T> {
  onChange?(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined, reason: ChangeReason): void;
  onError?(error: SecretError): void;
  onDelete?(): void;
  /** Serving has stopped for now. */
  onStop?(): void;
}

/** The followers and gatekeepers of one view. */
export class Audience<T> {
  readonly gatekeepers: Set<Gatekeeper<T>> = new Set();
  readonly #followers: Set<Follower<T>> = new Set();

  follow(follower: Follower<T>): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  guard(gatekeeper: Gatekeeper<T>): () => void {
    this.gatekeepers.add(gatekeeper);
    return () => void this.gatekeepers.delete(gatekeeper);
  }

  changed(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined, reason: ChangeReason): void {
    this.#tell((follower) => follower.onChange?.(current, previous, reason));
  }

  failed(error: SecretError): void {
    this.#tell((follower) => follower.onError?.(error));
  }

  deleted(): void {
    this.#tell((follower) => follower.onDelete?.());
  }

  stopped(): void {
    this.#tell((follower) => follower.onStop?.());
  }

  /** Nobody hears anything afterwards. */
  close(): void {
    this.#followers.clear();
    this.gatekeepers.clear();
  }

  /** A copy: a follower may leave, or bring another, while it is told. */
  #tell(call: (follower: Follower<T>) => void): void {
    for (const follower of [...this.#followers]) if (this.#followers.has(follower)) call(follower);
  }
}
