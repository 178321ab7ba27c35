import type { CallContext } from "@tacit/core/provider";

/**
 * Tells whether a token lives, where Vault's 403 leaves it open. Death is for ever, so a token that is seen alive was so for
 * every request that was sent before: one lookup serves all of those, and no later one.
 */
export class TokenCheck<T> {
  /** Requests are numbered as they are sent, lookups among them. */
  #sent = 0;
  /** The lookup under way. */
  #asking: Lookup<T> | undefined;
  /** The last lookups that found their token alive and dead. */
  #alive: Answered<T> | undefined;
  #dead: Answered<T> | undefined;

  /** Returns the number of a request that is being sent. */
  next(): number {
    this.#sent += 1;
    return this.#sent;
  }

  /**
   * @param refused the number of the request that was refused
   * @param lookUp asks whether the token lives. It is not bound to whoever asked first, as others wait for it too; the
   * deadline of the call itself ends it
   * @throws what `lookUp` throws, and the signal's reason
   */
  async isAlive(
    token: T,
    { refused, lookUp }: { readonly refused: number; readonly lookUp: () => Promise<boolean> },
    { signal }: CallContext,
  ): Promise<boolean> {
    const serves = (one: Answered<T> | undefined): boolean => one?.token === token && refused < one.number;
    if (serves(this.#alive)) return true;
    if (serves(this.#dead)) return false;
    if (this.#asking === undefined || !serves(this.#asking)) {
      const number = this.next();
      this.#asking = { token, number, answer: this.#ask(token, number, lookUp) };
    }
    const { answer } = this.#asking;
    signal.throwIfAborted();
    return answer;
  }

  async #ask(token: T, number: number, lookUp: () => Promise<boolean>): Promise<boolean> {
    try {
      const isAlive = await lookUp();
      if (isAlive) this.#alive = { token, number };
      else this.#dead = { token, number };
      return isAlive;
    } finally {
      if (this.#asking?.number === number) this.#asking = undefined;
    }
  }
}

interface Answered<T> {
  readonly token: T;
  readonly number: number;
}

interface Lookup<T> extends Answered<T> {
  readonly answer: Promise<boolean>;
}
