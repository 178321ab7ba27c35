import { type CallContext, type ProviderHost, SecretError, type Timer, untilAborted } from "@tacit/core/provider";
import { LoginBackoff } from "./login-backoff.ts";

/** What a login gave: a token, or keys, with what is known of their life. */
export interface HeldLogin {
  /** Whether it may be sent once more. */
  readonly isUsable: boolean;
  /** Until it ends unless it is renewed; undefined where it never ends. Changes with time. */
  readonly leftMs: number | undefined;
}

/** How one kind of store logs in. */
export interface LoginSteps<T extends HeldLogin> {
  /**
   * Logs in. It is not bound to whoever asked first, as others wait for it too.
   * @throws {SecretError} UNAUTHENTICATED where it is refused, UNAVAILABLE, INVALID_CONFIG
   */
  login(context: CallContext): Promise<T>;
  /** Prolongs a login; answers whether it could be. Absent: it is replaced. A failure is tried again. */
  renew?(held: T, context: CallContext): Promise<boolean>;
  /** Called when a call takes the login, before any other call can take it: for one that counts its uses. */
  onTake?(held: T): void;
  /** Called with a login that another one has replaced. */
  onReplaced?(former: T): void;
  /** Called when a renewal, or a replacement ahead of time, has failed. */
  onFailure?(error: unknown): void;
}

/**
 * Has one login ready for all calls of a provider. There is one login at a time, whoever asks; it is renewed or replaced
 * before its end; a store that refuses it gets another one, once; and a login that is refused is left alone for a while.
 */
export class CachedLogin<T extends HeldLogin> {
  readonly #steps: LoginSteps<T>;
  readonly #host: Pick<ProviderHost, "clock" | "random">;
  readonly #backoff: LoginBackoff;
  readonly #closing = new AbortController();
  /** Ends a login, which outlives the beginning of the close: what it makes has to be ended. */
  readonly #ending = new AbortController();
  #held: T | undefined;
  /** At most one; ends for those who wait as soon as the provider closes. */
  #loggingIn: Promise<void> | undefined;
  #login: Promise<void> = Promise.resolve();
  /** What is being renewed or replaced; another one may have taken its place meanwhile. */
  #maintaining: T | undefined;
  #timer: Timer | undefined;
  /** What is left of its life when it is to be renewed or replaced. */
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
   * Calls a store with the login, and once more with another one where the store takes the first for dead.
   * @param send carries out one request
   * @param isDead tells whether an error means that the login is none any more, rather than a right that is missing
   * @throws what the login or the last request threw
   */
  async call<R>(
    send: (held: T) => Promise<R>,
    isDead: (error: unknown, held: T) => boolean | Promise<boolean>,
    context: CallContext,
  ): Promise<R> {
    // A login that is refused from here on is the answer to this call.
    const since = this.#backoff.refused;
    const held = await this.#take(context, since);
    try {
      return await send(held);
    } catch (error) {
      context.signal.throwIfAborted();
      // Another one may have taken its place meanwhile.
      if (!(await isDead(error, held)) && this.#held === held) throw error;
      this.#drop(held);
    }
    return send(await this.#take(context, since));
  }

  /** Whether it is the one in use. */
  isCurrent(held: T): boolean {
    return this.#held === held;
  }

  /** The one in use. */
  get current(): T | undefined {
    return this.#held;
  }

  /** Ends renewal and waiting calls with CLOSED, waits for a login under way, and returns what is held then. */
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
        // The timer may be late: it stood still while the machine was suspended.
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

  /** Renews it, or replaces it where that cannot be done any more. */
  async #maintain(held: T): Promise<void> {
    if (this.#maintaining === held || this.#held !== held || this.#closing.signal.aborted) return;
    this.#maintaining = held;
    try {
      const isRenewed = await this.#steps.renew?.(held, { signal: this.#closing.signal });
      // A call may have found it dead, and logged in, before the answer came.
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

/** One in its last moments must not be renewed without pause. */
const leastDelayMs = 1000;
/** The longest delay that a timer holds. */
const longestTimerMs = 2 ** 31 - 1;

function alreadyEnded(): SecretError {
  return new SecretError("UNAUTHENTICATED", "the login returned a token that has already expired", {
    reason: "token-ended",
    tip: "Check the token lifetime and the number of uses of the role.",
  });
}
