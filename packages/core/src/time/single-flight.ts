import type { ReadMode } from "../source/source.ts";

export type FlightMode = Exclude<ReadMode, "cached">;

/**
 * One run at a time and at most one behind it. `after` is the one mechanism behind fresh reads, invalidation, a hint
 * during a read, and reading again once a subscription stands. A base class, since there is one per secret.
 */
export abstract class Flight<T> {
  #current: Promise<T> | undefined;
  #next: Promise<T> | undefined;
  #nextMode: FlightMode = "after";
  #nextUrgent = false;

  /** Must not reject. `mode` says whether what it asks in turn may share a read in flight. */
  protected abstract begin(mode: FlightMode, urgent: boolean): Promise<T>;

  protected get inFlight(): boolean {
    return this.#current !== undefined;
  }

  protected fly(mode: FlightMode, urgent = false): Promise<T> {
    if (this.#current === undefined) return this.#start(mode, urgent);
    if (mode === "join") return this.#current;
    this.#nextUrgent ||= urgent;
    if (mode === "replace") this.#nextMode = mode;
    this.#next ??= this.#current.then(() => {
      const nextMode = this.#nextMode;
      const wasUrgent = this.#nextUrgent;
      this.#next = undefined;
      this.#nextMode = "after";
      this.#nextUrgent = false;
      // Another may have begun first, and perhaps not with `after`.
      return this.fly(nextMode, wasUrgent);
    });
    return this.#next;
  }

  #start(mode: FlightMode, urgent: boolean): Promise<T> {
    const run = this.begin(mode, urgent).then((result) => {
      this.#current = undefined;
      return result;
    });
    this.#current = run;
    return run;
  }
}
