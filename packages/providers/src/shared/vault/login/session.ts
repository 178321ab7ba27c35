import type { CallContext } from "@tacit/core/provider";
import type { VaultAnswer } from "../answer.ts";
import type { VaultRequest } from "../api.ts";

/** Sends requests with a token that it obtains, renews and replaces. Supports concurrent calls, which share one login. */
export interface Session {
  /**
   * Sends a request with the token, after a login if necessary. If the token is no longer valid, sends it once more after a new login.
   * @throws {SecretError} errors of `VaultApi.call`; UNAUTHENTICATED if the login fails
   */
  call(request: VaultRequest, context: CallContext): Promise<VaultAnswer>;
  /**
   * Opens a stream with the token; otherwise like `call`.
   * @param open opens the stream with a token, which is undefined if an Agent adds one
   */
  connect<R>(open: (token: string | undefined) => Promise<R>, context: CallContext): Promise<R>;
  /** Returns the token of a response of `call`, with which the leases of the response end; undefined if an Agent adds the token. */
  tokenOf(answer: VaultAnswer): TokenLife | undefined;
  /** Stops renewal, and revokes the tokens that the login has created. */
  close(context: CallContext): Promise<void>;
}

/** The lifetime of one token, even after it was replaced. */
export interface TokenLife {
  /** Returns the milliseconds until the token expires if it can no longer be renewed; undefined if it can, or never expires. */
  endsInMs(): number | undefined;
  /** The milliseconds until the token expires unless it is renewed, computed at each access; undefined if it never expires. */
  readonly leftMs: number | undefined;
  /** The longest duration that a login or renewal has granted; undefined if the token never expires. */
  readonly termMs: number | undefined;
}
