import { type CallContext, type ProviderHost, SecretError, type Timer, untilAborted } from "@tacit/core/provider";
import { LoginBackoff } from "./login-backoff.ts";

/** The result of a login: a token or keys, with their lifetime. */
export interface HeldLogin {
  /** Whether it may still be sent. */
  readonly isUsable: boolean;
  /** The milliseconds until it expires unless it is renewed, computed at each access; undefined if it never expires. */
  readonly leftMs: number | undefined;
}

/** The steps by which one kind of store logs in. */
export interface LoginSteps<T extends HeldLogin> {
  /**
   * Logs in. The signal is not that of the first caller, since several callers wait for one login.
   * @throws {SecretError} UNAUTHENTICATED if the store refuses the login; UNAVAILABLE, INVALID_CONFIG
   */
  login(context: CallContext): Promise<T>;
  /** Extends a login, and returns whether that was possible; if not, or without this method, the login is replaced. An error is retried later. */
  renew?(held: T, context: CallContext): Promise<boolean>;
  /** Called when a call takes the login, before another call can take it, so that a login with limited uses can count them. */
  onTake?(held: T): void;
  /** Called with the former login after it has been replaced. */
  onReplaced?(former: T): void;
  /** Called when a renewal, or a replacement ahead of time, has failed. */
  onFailure?(error: unknown): void;
}

/**
 * Shares one login among all calls of a provider. At most one login is in progress at a time; the login is renewed or replaced
 * before it expires; a call whose login the store rejects is repeated once with a new one; refused logins are repeated with a
 * backoff.
 */
export class CachedLogin<T extends HeldLogin> {
  readonly #steps: LoginSteps<T>;
  readonly #host: Pick<ProviderHost, "clock" | "random">;
  readonly #backoff: LoginBackoff;
  readonly #closing = new AbortController();
  /** Aborts a login in progress. `close` waits for that login first, because its result may have to be revoked. */
  readonly #ending = new AbortController();
  #held: T | undefined;
  /** The login in progress, at most one, as its callers see it: it rejects as soon as the provider closes. */
  #loggingIn: Promise<void> | undefined;
  #login: Promise<void> = Promise.resolve();
  /** The login that is being renewed or replaced; no longer `#held` if a call has replaced it in the meantime. */
  #maintaining: T | undefined;
  #timer: Timer | undefined;
  /** The remaining lifetime below which the login is renewed or replaced. */
  #renewBelowMs = 0;

  constructor(steps: LoginSteps<T>, host: Pick<ProviderHost, "clock" | "random">) {
    this.#steps = steps;
    this.#host = host;
    this.#backoff = new LoginBackoff(host);
  }

  /** Aborts when the provider closes. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Calls a store with the login, and once more with a new one if the store no longer accepts the first.
   * @param send sends one request
   * @param isDead returns whether an error means that the login has ended, rather than that a permission is missing
   * @throws the error of the login or of the last request
   */
  async call<R>(
    send: (held: T) => Promise<R>,
    isDead: (error: unknown, held: T) => boolean | Promise<boolean>,
    context: CallContext,
  ): Promise<R> {
    // If a login fails after this point, the call fails with it instead of logging in again.
    const since = this.#backoff.refused;
    const held = await this.#take(context, since);
    try {
      return await send(held);
    } catch (error) {
      context.signal.throwIfAborted();
      // Another call may have replaced the login in the meantime.
      if (!(await isDead(error, held)) && this.#held === held) throw error;
      this.#drop(held);
    }
    return send(await this.#take(context, since));
  }

  /** Returns whether this login is in use. */
  isCurrent(held: T): boolean {
    return this.#held === held;
  }

  /** The login in use. */
  get current(): T | undefined {
    return this.#held;
  }

  /** Stops renewal, ends waiting calls with CLOSED, waits for a login in progress, and returns the login in use, which the caller may revoke. */
  async close({ signal }: CallContext): Promise<T | undefined> {
    this.#closing.abort(new SecretError("CLOSED", "the session with the store was closed"));
    this.#timer?.cancel();
    await untilAborted(this.#login, signal).catch(() => undefined);
    this.#ending.abort(this.#closing.signal.reason);
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  async #take({ signal }: CallContext, since: number): Promise<T> {
    for (;;) {
      this.#closing.signal.throwIfAborted();
      const held = this.#held;
      if (held?.isUsable === true) {
        this.#steps.onTake?.(held);
        // The timer may be late, since timers stop while the machine is suspended.
        if (held.leftMs !== undefined && held.leftMs < this.#renewBelowMs) void this.#maintain(held);
        return held;
      }
      this.#backoff.check(since);
      await untilAborted(this.#logInOnce(), signal);
    }
  }

  #drop(held: T): void {
    if (this.#held === held) this.#held = undefined;
  }

  #logInOnce(): Promise<void> {
    if (this.#loggingIn === undefined) {
      this.#login = this.#logIn();
      this.#loggingIn = untilAborted(this.#login, this.#closing.signal).finally(() => {
        this.#loggingIn = undefined;
      });
    }
    return this.#loggingIn;
  }

  async #logIn(): Promise<void> {
    try {
      const held = await this.#steps.login({ signal: this.#ending.signal });
      if (!held.isUsable) throw alreadyEnded();
      this.#backoff.succeeded();
      const former = this.#held;
      this.#held = held;
      this.#schedule(held);
      if (former !== undefined) this.#steps.onReplaced?.(former);
    } catch (error) {
      this.#closing.signal.throwIfAborted();
      this.#backoff.failed(error);
      throw error;
    }
  }

  #schedule(held: T): void {
    this.#timer?.cancel();
    const { leftMs } = held;
    if (leftMs === undefined || this.#closing.signal.aborted) return;
    const { clock, random } = this.#host;
    const delayMs = Math.min(Math.max(leftMs * (0.6 + 0.1 * random()), leastDelayMs), longestTimerMs);
    this.#renewBelowMs = leftMs - delayMs;
    this.#timer = clock.setTimer(() => void this.#maintain(held), delayMs);
  }

  /** Renews the login, or replaces it if it can no longer be renewed. */
  async #maintain(held: T): Promise<void> {
    if (this.#maintaining === held || this.#held !== held || this.#closing.signal.aborted) return;
    this.#maintaining = held;
    try {
      const isRenewed = await this.#steps.renew?.(held, { signal: this.#closing.signal });
      // A call may have replaced the login before the response to the renewal arrived.
      if (isRenewed !== true && this.#held === held) await this.#logInOnce();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#steps.onFailure?.(error);
    } finally {
      if (this.#maintaining === held) this.#maintaining = undefined;
    }
    if (this.#held === held && !this.#closing.signal.aborted) this.#schedule(held);
  }
}

/** A login that is about to expire must not be renewed in a tight loop. */
const leastDelayMs = 1000;
/** The longest delay of a timer in Node. */
const longestTimerMs = 2 ** 31 - 1;

function alreadyEnded(): SecretError {
  return new SecretError("UNAUTHENTICATED", "the login returned a token that has already expired", {
    reason: "token-ended",
    tip: "Check the token lifetime and the number of uses of the role.",
  });
}
