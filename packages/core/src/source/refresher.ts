import type { Subscription } from "../contract/contract.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import { backoffMs } from "../time/backoff.ts";
import { race } from "../time/race.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Waves } from "../time/waves.ts";

/** The time for which the first read waits for a local subscription. */
const firstWaitMs = 1_000;
/** The number of local hints without a new value, since the last quiet second, after which reads are spaced. */
const idleHints = 12;
/** The number of all local hints since the last quiet second after which reads are spaced. */
const promptHints = 1_000;
const quietMs = 1_000;
/** The time between two reads that further hints cause. */
const hintSpacingMs = 70;

/** The part of a source that its refresher needs. */
export interface RefresherHost {
  readonly provider: Pick<ConfiguredProvider, "open" | "subscribe">;
  readonly path: string;
  readonly scheduler: Scheduler;
  /** Called when the provider's subscription reports a change. */
  onHint(isLocal: boolean): void;
}

/** The state that a source needs only while it is refreshed: its subscription, the phase of its poll, and a budget of hints. */
export class Refresher {
  /** The number of users that refresh the source. */
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
  /** The number of hints since the last quiet second. */
  #hints = 0;
  /** The number of hints since a read found a change or since the last quiet second. */
  #idleHints = 0;
  /** Monotonic time of the read that the last hint causes. */
  #followedAt = 0;

  constructor(host: RefresherHost) {
    this.#host = host;
  }

  /**
   * Subscribes if there is no subscription yet; called before every read. The first read waits up to a second for a local
   * subscription; no read waits for a remote one. A subscription that is established late hints at once. A failed one is tried
   * again with a backoff while polling continues.
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

  /**
   * Returns the milliseconds until the next poll: random within the interval at first; later the interval with 10 % of jitter,
   * or less if other secrets of the provider are polled then.
   */
  nextPollMs(waves: Waves, pollMs: number): number {
    const isFirst = !this.#polled;
    this.#polled = true;
    if (isFirst) return waves.draw((random) => pollMs * random);
    return waves.draw((random) => pollMs * (0.9 + random / 5), pollMs / 2);
  }

  /**
   * Returns the milliseconds until a local hint may cause a read: 0 within the budget, which allows many changes of a store but
   * only a few hints that bring nothing new. An adapter that hints after each read must not keep this process busy.
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

  /** Records that a read found a change, so that the hint for it was justified. */
  onChange(): void {
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
      // A change between the first read, which did not wait for the subscription, and now has not been reported.
      const stoodLate = !isLocal || this.#now() - before >= firstWaitMs;
      if (stoodLate && this.#subscription !== undefined) hint();
    } catch {
      // The provider has reported the failure; polling continues.
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

/** Ends a subscription. Never rejects. */
async function end(subscription: Subscription | undefined): Promise<void> {
  try {
    await subscription?.[Symbol.asyncDispose]();
  } catch {
    // Nobody uses the subscription any more, so there is nobody to report the failure to.
  }
}
