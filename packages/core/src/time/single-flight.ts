/** `cached` and `join` share a run under way; the others demand one that begins later than the call. `hinted`: a store asked for it. */
export type FlightMode = "cached" | "join" | "hinted" | "after" | "replace";

/** What those who wait for the same run demand together, weakest first. */
const demands: readonly FlightMode[] = ["hinted", "after", "replace"];

/** The work of which at most one run is under way. */
export interface FlightOwner {
  /** `mode` says whether what it asks in turn may share a run of its own. */
  runOnce(mode: FlightMode, urgent: boolean): Promise<void>;
  /** No run is under way, and none is to follow. */
  onIdle?(): void;
}

/**
 * One run at a time and at most one behind it. A demand is the mechanism behind fresh reads, invalidation, a hint during a
 * read, and reading again once a subscription stands.
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

  /** Settles with the run that answers this call. */
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
    // Another may have begun first, and perhaps on a weaker demand.
    return this.run(mode, urgent);
  }

  #start(mode: FlightMode, urgent: boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Set before the run begins: what it does at once may ask for another one.
    this.#current = promise;
    // A run that fails, in whatever way, has ended all the same.
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
