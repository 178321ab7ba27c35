import type { CallContext } from "@tacit/core/provider";

/**
 * Determines whether a token is valid, which a 403 of Vault does not show. An invalid token never becomes valid again, so a token
 * that a lookup finds valid was valid for all earlier requests: they share one lookup, which does not apply to later ones.
 */
export class TokenCheck<T> {
  /** The number of the last request; requests and lookups are numbered in the order in which they are sent. */
  #sent = 0;
  /** The lookup in progress. */
  #asking: Lookup<T> | undefined;
  /** The last lookups that found a token valid (`#alive`) or invalid (`#dead`). */
  #alive: Answered<T> | undefined;
  #dead: Answered<T> | undefined;

  /** Returns the number of a new request. */
  next(): number {
    this.#sent += 1;
    return this.#sent;
  }

  /**
   * Returns whether a token was valid when a request was sent.
   * @param refused the number of the refused request
   * @param lookUp looks the token up. It must not use the signal of one caller, since several share it
   * @throws the errors of `lookUp`; the signal's reason
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
