import type { SecretPayload } from "../contract/contract.ts";
import { isSecretError, type SecretError } from "../error/secret-error.ts";
import { sameContent } from "../secret/content.ts";
import { type Secret, SnapshotSecret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import type { View } from "./view.ts";

/**
 * What was valid before, for as long as both are to be accepted. It comes from the store's own versions where there are
 * any, else it is the value that this process replaced.
 */
export class Previous<T> {
  readonly #view: View<T>;
  readonly #overlapMs: number;
  #secret: SnapshotSecret<T> | undefined;
  #content: SecretPayload | undefined;
  /** Of the current value; its identity is that of one rotation. */
  #currentContent: SecretPayload | undefined;
  /** Wall time of the rotation. */
  #rotatedAt = 0;
  #loading: Promise<void> | undefined;

  constructor(view: View<T>, overlapMs: number) {
    this.#view = view;
    this.#overlapMs = overlapMs;
    view.audience.follow({
      onChange: (current, previous) => {
        this.#replaced(current, previous);
        this.#loading = this.#load(view.content);
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

  /** Settles when the store was asked once for what preceded the present value. Never rejects. */
  get loaded(): Promise<void> {
    return this.#loading ?? Promise.resolve();
  }

  /** Forgets it at once. Returns its content, which must be refused from now on. */
  drop(): SecretPayload | undefined {
    const content = this.#content;
    this.#forget();
    this.#currentContent = undefined;
    return content;
  }

  #replaced(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined): void {
    this.#secret = previous;
    this.#content = previous === undefined ? undefined : this.#currentContent;
    this.#currentContent = this.#view.content;
    this.#rotatedAt = current.meta.createdAt?.getTime() ?? this.#view.context.scheduler.clock.now();
  }

  /** A failure is an event; whatever this process remembers stays. */
  async #load(current: SecretPayload | undefined): Promise<void> {
    const outcome = await this.#view.source.previous()?.read("after");
    if (outcome?.kind === "failed" && !isSecretError(outcome.error, "UNSUPPORTED", "CLOSED"))
      this.#report(outcome.error);
    if (outcome?.kind !== "ok" || current === undefined) return;
    try {
      await this.#take(outcome, current);
    } catch (error) {
      this.#report(error as SecretError);
    }
  }

  async #take(payload: Payload, current: SecretPayload): Promise<void> {
    const view = this.#view;
    const content = view.selectFrom(payload);
    if (sameContent(content, current)) return;
    const expose = (shown: unknown): void => view.onExpose(content, shown);
    const decoded = await view.codec.decode(content, { reference: view.name, expose });
    if (this.#currentContent !== current || view.isDropped(content)) return;
    this.#secret = new SnapshotSecret(view.name, payload, decoded, view);
    this.#content = content;
  }

  #valid(): Secret<T> | undefined {
    const { clock } = this.#view.context.scheduler;
    const hasEnded = this.#secret !== undefined && this.#secret.untilEndMs(clock) <= 0;
    if (hasEnded || clock.now() - this.#rotatedAt >= this.#overlapMs) this.#forget();
    return this.#secret;
  }

  #forget(): void {
    this.#secret = undefined;
    this.#content = undefined;
  }

  #report({ code }: SecretError): void {
    const { reference, context } = this.#view;
    context.emit({ type: "refresh-failed", reference: `${reference.name}@previous`, code });
  }
}
