import { isSecretError, type SecretError } from "../error/secret-error.ts";
import { type Secret, SnapshotSecret } from "../secret/secret.ts";
import { PreviousVersion } from "../source/previous-version.ts";
import type { View } from "./view.ts";

/**
 * What was valid before, for as long as both are to be accepted. It comes from the store's own versions where there are
 * any, else it is the value that this process replaced.
 */
export class Previous<T> {
  readonly #view: View<T>;
  readonly #overlapMs: number;
  #secret: SnapshotSecret<T> | undefined;
  /** Wall time of the rotation. */
  #rotatedAt = 0;

  constructor(view: View<T>, overlapMs: number) {
    this.#view = view;
    this.#overlapMs = overlapMs;
    view.audience.follow({
      onChange: (current, previous) => {
        this.#replaced(current, previous);
        void this.load();
      },
    });
  }

  /** Newest first: what to accept now. */
  accepted(): readonly Secret<T>[] {
    const current = this.#view.latest();
    if (current === undefined) return [];
    const previous = this.#valid();
    return previous === undefined ? [current] : [current, previous];
  }

  /** What an invalidation with `drop` must refuse too. */
  get secret(): SnapshotSecret<T> | undefined {
    return this.#secret;
  }

  /** Asks the store for its previous version, once. A failure is an event; whatever this process knows stays. */
  async load(): Promise<void> {
    const { source, codec, reference, adopted, context } = this.#view;
    if (adopted === undefined) return;
    const outcome = await new PreviousVersion(reference.name, source).read("join");
    if (outcome.kind === "failed" && !isSecretError(outcome.error, "UNSUPPORTED")) this.#report(outcome.error);
    if (outcome.kind !== "ok" || this.#view.adopted !== adopted) return;
    try {
      const content = this.#view.selectFrom(outcome);
      const decoded = await codec.decode(content, {
        reference: reference.text,
        expose: () => this.#view.onExpose(content),
      });
      if (this.#view.isDropped(content) || this.#view.adopted !== adopted) return;
      this.#secret = new SnapshotSecret(reference.text, outcome, decoded, this.#view);
      this.#rotatedAt = adopted.meta.createdAt?.getTime() ?? context.scheduler.clock.now();
    } catch (error) {
      this.#report(error as SecretError);
    }
  }

  /** A leaked value ends at once. */
  drop(): void {
    this.#secret = undefined;
  }

  #replaced(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined): void {
    this.#secret = previous;
    this.#rotatedAt = current.meta.createdAt?.getTime() ?? this.#view.context.scheduler.clock.now();
  }

  #valid(): Secret<T> | undefined {
    const now = this.#view.context.scheduler.clock.now();
    if (now - this.#rotatedAt >= this.#overlapMs) this.#secret = undefined;
    const endsAt = this.#secret?.expiresAtMs;
    return endsAt !== undefined && endsAt <= now ? undefined : this.#secret;
  }

  #report(error: SecretError): void {
    const { reference, context } = this.#view;
    context.emit({ type: "refresh-failed", reference: `${reference.name}@previous`, code: error.code });
  }
}
