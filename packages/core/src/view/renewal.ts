import type { Secret, SnapshotSecret } from "../secret/secret.ts";
import { type LoadedView, renew } from "./load.ts";

/** The part of a view that its renewal needs. */
export interface RenewedView<T> extends LoadedView<T> {
  readonly current: SnapshotSecret<T> | undefined;
  /** Monotonic time of the last answer of the store that confirmed the current value. */
  readonly confirmedAt: number;
  readonly isInvalidated: boolean;
  read(): Promise<Secret<T> | undefined>;
}

/** A time on both clocks: during a suspension between two requests, only the wall clock may advance. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** Reads a value again if it is older than a reader allows. Concurrent readers share one read. */
export class Renewal<T> {
  readonly #view: RenewedView<T>;
  /** The time of the last such read that the store answered, even with a value that was refused. */
  #answeredAt: Moment | undefined;
  #running: { readonly began: Moment; readonly read: Promise<Secret<T> | undefined> } | undefined;

  constructor(view: RenewedView<T>) {
    this.#view = view;
  }

  /** Whether the held value may be served to a reader who allows this age. */
  isWithin(maxAgeMs: number): boolean {
    const view = this.#view;
    const verdict = view.verdict();
    if ("error" in verdict || verdict.ask) return false;
    const ages = [this.#answeredAt, confirmation(view)].flatMap((one) => (one === undefined ? [] : this.#since(one)));
    return Math.min(...ages) <= maxAgeMs;
  }

  /** @Returns a value of at most this age.
@throws {SecretError} the error of the verdict if the read fails and no value may be served the read fails and nothing may be served */
  async read(maxAgeMs: number): Promise<Secret<T> | undefined> {
    const view = this.#view;
    if (this.isWithin(maxAgeMs)) return await view.read();
    // A first load, and a wait for another value, have a mode of their own.
    if (view.isInvalidated || "error" in view.verdict()) return await view.read();
    const running = this.#running;
    if (running !== undefined && this.#since(running.began) <= maxAgeMs) return await running.read;
    const read = this.#renew();
    this.#running = { began: this.#now(), read };
    return await read;
  }

  async #renew(): Promise<Secret<T> | undefined> {
    const began = this.#now();
    try {
      return await renew(this.#view);
    } finally {
      if (this.#view.source.answer?.outcome.kind !== "failed") this.#answeredAt = began;
      if (this.#running?.began.monotonic === began.monotonic) this.#running = undefined;
    }
  }

  #since({ monotonic, wall }: Moment): number {
    const now = this.#now();
    return Math.max(now.monotonic - monotonic, now.wall - wall);
  }

  #now(): Moment {
    const { clock } = this.#view.context.scheduler;
    return { monotonic: clock.monotonic(), wall: clock.now() };
  }
}

/** Returns the time of the last confirmation; undefined for an optional secret that does not exist. */
function confirmation<T>({ current, confirmedAt }: RenewedView<T>): Moment | undefined {
  return current === undefined ? undefined : { monotonic: confirmedAt, wall: current.confirmedAt };
}
