import type { CallContext } from "@tacit/core/provider";
import type { VaultAnswer } from "../answer.ts";
import type { VaultRequest } from "../api.ts";

/** Calls with a token, which it gets, renews and replaces. Safe for any number of calls at once: one login serves all. */
export interface Session {
  /**
   * Sends a request with the token, after a login if there is none; once more after a fresh login where the token has died.
   * @throws {SecretError} what `VaultApi.call` throws; UNAUTHENTICATED where there is no login
   */
  call(request: VaultRequest, context: CallContext): Promise<VaultAnswer>;
  /**
   * Opens something that goes on, such as a stream, with the token; as `call` in all else.
   * @param open gets the token; undefined where an Agent adds one
   */
  connect<R>(open: (token: string | undefined) => Promise<R>, context: CallContext): Promise<R>;
  /** The token that was sent for an answer of `call`: what the answer leased dies with it. Undefined where none is sent. */
  tokenOf(answer: VaultAnswer): TokenLife | undefined;
  /** Revokes the tokens that it made itself, and ends their renewal. */
  close(context: CallContext): Promise<void>;
}

/** The life of one token. It goes on after another token has taken its place. */
export interface TokenLife {
  /** How long it still lives where it can be renewed no more; undefined where it can, or never ends. Changes with time. */
  endsInMs(): number | undefined;
  /** How long it lives without another renewal; undefined where it never ends. Changes with time. */
  readonly leftMs: number | undefined;
  /** The longest that it was ever granted at once, and so how long it may go unseen; undefined where it never ends. */
  readonly termMs: number | undefined;
}
