import type { Subscription } from "../contract/contract.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import { backoffMs } from "../time/backoff.ts";
import { race } from "../time/race.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Waves } from "../time/waves.ts";

/** How long the first read waits for a local subscription to stand. */
const firstWaitMs = 1_000;
/** Hints of a local subscription that are followed at once without a quiet second: of those that bring nothing new, and of all. */
const idleHints = 12;
const promptHints = 1_000;
const quietMs = 1_000;
/** Between two hints beyond that. */
const hintSpacingMs = 70;

/** The source that is refreshed. */
export interface RefresherHost {
  readonly provider: Pick<ConfiguredProvider, "open" | "subscribe">;
  readonly path: string;
  readonly scheduler: Scheduler;
  /** Called when the provider's subscription reports a change. */
  onHint(isLocal: boolean): void;
}

/** The state of a source only while something refreshes it: its subscription, the phase of its poll, and a budget of hints. */
export class Refresher {
  /** How many refresh it. */
  users = 0;
  readonly #host: RefresherHost;
  #subscription: Subscription | undefined;
  #subscribing: Promise<void> | undefined;
  #failures = 0;
  /** Monotonic time before which no other subscription is tried. */
  #retryAt = 0;
  #waited = false;
  #polled = false;
  #stopped = false;
  /** Hints in a row, without a quiet second between two of them; and of those, how many came since a read brought something new. */
  #hints = 0;
  #idleHints = 0;
  /** Monotonic time at which the last hint is followed. */
  #followedAt = 0;

  constructor(host: RefresherHost) {
    this.#host = host;
  }

  /**
   * Called before every read. A local subscription stands before the first read begins, if it stands within a second; a
   * remote one is not waited for. One that stands late hints by itself, and one that failed is tried again on a backoff;
   * the poll goes on meanwhile.
   * @throws {SecretError} when the provider cannot be opened
   */
  async subscribed(): Promise<void> {
    const { supports } = await this.#host.provider.open();
    if (supports.subscribe === false || this.#subscription !== undefined || this.#stopped) return;
    const isLocal = supports.subscribe === "local";
    if (this.#subscribing === undefined) {
      if (this.#retryAt > this.#now()) return;
      this.#subscribing = this.#subscribe(isLocal);
    }
    if (!isLocal || this.#waited) return;
    this.#waited = true;
    await race(this.#subscribing, this.#host.scheduler, { afterMs: firstWaitMs });
  }

  /** How long until the next poll: spread evenly over the interval at first, then with a little jitter, or early with others. */
  nextPollMs(waves: Waves, pollMs: number): number {
    const isFirst = !this.#polled;
    this.#polled = true;
    if (isFirst) return waves.draw((random) => pollMs * random);
    return waves.draw((random) => pollMs * (0.9 + random / 5), pollMs / 2);
  }

  /**
   * Milliseconds until a local hint may be followed by a read: 0 for every change of a store, and for a few hints that
   * bring nothing new. An adapter that hints after each read must not keep this process busy.
   */
  untilLocalHint(): number {
    const now = this.#now();
    if (now - this.#followedAt >= quietMs) {
      this.#hints = 0;
      this.#idleHints = 0;
    }
    this.#hints += 1;
    this.#idleHints += 1;
    const isPrompt = this.#hints <= promptHints && this.#idleHints <= idleHints;
    this.#followedAt = isPrompt ? now : Math.max(now, this.#followedAt + hintSpacingMs);
    return this.#followedAt - now;
  }

  /** Records that a read found a change: its hint was justified. */
  onNews(): void {
    this.#idleHints = 0;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#subscribing;
    const subscription = this.#subscription;
    this.#subscription = undefined;
    await end(subscription);
  }

  async #subscribe(isLocal: boolean): Promise<void> {
    const before = this.#now();
    const hint = (): void => {
      if (!this.#stopped) this.#host.onHint(isLocal);
    };
    try {
      this.#subscription = await this.#host.provider.subscribe(this.#host.path, hint);
      this.#failures = 0;
      // What changed between the read that did not wait for it and now was not seen.
      const stoodLate = !isLocal || this.#now() - before >= firstWaitMs;
      if (stoodLate && this.#subscription !== undefined) hint();
    } catch {
      // The provider has reported it; polling goes on.
      this.#failures += 1;
      this.#retryAt = this.#now() + backoffMs(this.#failures, this.#host.scheduler.random);
    } finally {
      this.#subscribing = undefined;
    }
  }

  #now(): number {
    return this.#host.scheduler.clock.monotonic();
  }
}

/** A subscription that fails to end has nobody left to hear of it. */
async function end(subscription: Subscription | undefined): Promise<void> {
  try {
    await subscription?.[Symbol.asyncDispose]();
  } catch {
    // Ended all the same, as far as anybody can tell.
  }
}
