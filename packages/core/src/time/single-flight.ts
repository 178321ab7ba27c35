/** `cached` and `join` share a run in progress; the others require a run that begins after the call. `hinted` follows a hint of the store. */
export type FlightMode = "cached" | "join" | "hinted" | "after" | "replace";

/** The modes that require a later run, weakest first. The strongest one of its callers applies to a run. */
const demands: readonly FlightMode[] = ["hinted", "after", "replace"];

/** The owner of the work. */
export interface FlightOwner {
  /** Performs the work. `mode` also determines whether its own reads may share a run. */
  runOnce(mode: FlightMode, urgent: boolean): Promise<void>;
  /** Called when no run is in progress or pending. */
  onIdle?(): void;
}

/**
 * Limits work to one run at a time and at most one pending run, for fresh reads, invalidation, hints during a read, and the read
 * after a new subscription.
 */
export class SingleFlight {
  readonly #owner: FlightOwner;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #nextMode: FlightMode = "hinted";
  #nextUrgent = false;

  constructor(owner: FlightOwner) {
    this.#owner = owner;
  }

  get isRunning(): boolean {
    return this.#current !== undefined;
  }

  /** Settles with the run that satisfies this call. */
  run(mode: FlightMode, urgent = false): Promise<void> {
    if (this.#current === undefined) return this.#start(mode, urgent);
    if (mode === "join" || mode === "cached") return this.#current;
    this.#nextUrgent ||= urgent;
    if (demands.indexOf(mode) > demands.indexOf(this.#nextMode)) this.#nextMode = mode;
    this.#next ??= this.#current.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  #startNext(): Promise<void> {
    const mode = this.#nextMode;
    const urgent = this.#nextUrgent;
    this.#next = undefined;
    this.#nextMode = "hinted";
    this.#nextUrgent = false;
    // Another run may have begun in the meantime, perhaps with a weaker mode.
    return this.run(mode, urgent);
  }

  #start(mode: FlightMode, urgent: boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Set before the run begins, because it may synchronously request another one.
    this.#current = promise;
    // A failed run has ended, too.
    this.#owner
      .runOnce(mode, urgent)
      .finally(() => {
        this.#current = undefined;
        if (this.#next === undefined) this.#owner.onIdle?.();
      })
      .then(resolve, reject);
    return promise;
  }
}
