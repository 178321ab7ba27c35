import type { SecretError } from "../error/secret-error.ts";
import type { Emit } from "../report/events.ts";
import type { Secret, SnapshotSecret } from "../secret/secret.ts";
import type { Payload } from "../source/payload-source.ts";
import type { Gatekeeper } from "./admission.ts";

export type ChangeReason = "initial" | "rotated" | "recreated";

/** Who follows a view: watches, derived resources, previous values. Called when the new state stands; must not throw. */
export interface Follower<T> {
  onChange?(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined, reason: ChangeReason): void;
  onError?(error: SecretError): void;
  onDelete?(): void;
  /** Serving has stopped for now. */
  onStop?(): void;
}

/** Tells the followers of one view and the client's events what happened to it. */
export class Audience<T> {
  closed = false;
  /** It has been served at least once. */
  hasServed = false;
  readonly #reference: string;
  readonly #emit: Emit;
  #followers: Set<Follower<T>> | undefined;
  #gatekeepers: Set<Gatekeeper<T>> | undefined;

  constructor(reference: string, emit: Emit) {
    this.#reference = reference;
    this.#emit = emit;
  }

  get gatekeepers(): ReadonlySet<Gatekeeper<T>> | undefined {
    return this.#gatekeepers;
  }

  follow(follower: Follower<T>): () => void {
    this.#followers ??= new Set();
    this.#followers.add(follower);
    return () => void this.#followers?.delete(follower);
  }

  guard(gatekeeper: Gatekeeper<T>): () => void {
    this.#gatekeepers ??= new Set();
    this.#gatekeepers.add(gatekeeper);
    return () => void this.#gatekeepers?.delete(gatekeeper);
  }

  changed(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined, wasAbsent: boolean): void {
    const reason = !this.hasServed ? "initial" : wasAbsent ? "recreated" : "rotated";
    this.hasServed = true;
    const { version, provider } = current.meta;
    this.#emit({ type: "changed", reference: this.#reference, version, provider, reason });
    this.#tell((follower) => follower.onChange?.(current, previous, reason));
  }

  failed(error: SecretError, ageMs: number | undefined): void {
    this.#emit({
      type: "refresh-failed",
      reference: this.#reference,
      code: error.code,
      ...(error.reason === undefined ? {} : { reason: error.reason }),
      ...(ageMs === undefined ? {} : { ageMs }),
    });
    this.#tell((follower) => follower.onError?.(error));
  }

  refused({ version, provider }: Payload, { reason, code }: SecretError): void {
    this.#emit({ type: "refused", reference: this.#reference, version, provider, reason: reason ?? code });
  }

  recovered(failures: number): void {
    if (failures > 0) this.#emit({ type: "recovered", reference: this.#reference, failures });
  }

  deleted(): void {
    this.#emit({ type: "deleted", reference: this.#reference });
    this.#tell((follower) => follower.onDelete?.());
  }

  stopped(): void {
    this.#tell((follower) => follower.onStop?.());
  }

  close(): void {
    this.closed = true;
    this.#followers = undefined;
    this.#gatekeepers = undefined;
  }

  /** A copy: a follower may leave, or bring another, while it is told. */
  #tell(call: (follower: Follower<T>) => void): void {
    if (this.#followers !== undefined) for (const follower of [...this.#followers]) call(follower);
  }
}
