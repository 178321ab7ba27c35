import type { CallContext } from "@tacit/core/provider";
import type { VaultAnswer, VaultRequest } from "./vault-api.ts";

/** Calls with a token, which it gets, renews and replaces. Safe for any number of calls at once: one login serves all. */
export interface Session {
  /**
   * Sends a request with the token, after a login if there is none; once more after a fresh login where the token has died.
   * @throws {SecretError} what `VaultApi.call` throws; UNAUTHENTICATED where there is no login
   */
  call(request: VaultRequest, context: CallContext): Promise<VaultAnswer>;
  /**
   * How long the token in use still lives if it can be renewed no more; undefined where it can, never ends, or is not known.
   * What it leased dies with it.
   */
  readonly tokenEndsInMs: number | undefined;
  /** Revokes a token that it made itself, and ends its renewal. */
  close(context: CallContext): Promise<void>;
}
