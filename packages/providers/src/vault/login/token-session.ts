import { type CallContext, isSecretError } from "@tacit/core/provider";
import type { VaultAnswer } from "../answer.ts";
import type { VaultApi, VaultRequest } from "../api.ts";
import type { Session, TokenLife } from "./session.ts";
import type { Token } from "./token.ts";
import { type SessionParts, TokenManager } from "./token-manager.ts";

/** Makes a session whose requests carry a token. No I/O: the first call logs in. */
export function createTokenSession(parts: SessionParts): Session {
  return new TokenSession(parts);
}

/** Makes a session without tokens, for a listener that adds its own. */
export function createPlainSession(api: VaultApi): Session {
  return {
    call: (request, { signal }) => api.call(request, { signal }),
    tokenOf: () => undefined,
    close: () => Promise.resolve(),
  };
}

class TokenSession implements Session {
  readonly #parts: SessionParts;
  readonly #manager: TokenManager;
  readonly #tokens = new WeakMap<VaultAnswer, Token>();
  /** Requests are numbered as they are sent, lookups of the token among them. */
  #sent = 0;
  /** The last question whether a token lives, and the last one that was answered yes. */
  #asking: { readonly token: Token; readonly number: number; readonly answer: Promise<boolean> } | undefined;
  #proof: { readonly token: Token; readonly number: number } | undefined;
  /** Since when tokens of this login are known to be unable to look themselves up. */
  #cannotLookUpSince: number | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#manager = new TokenManager(parts);
  }

  async call(request: VaultRequest, context: CallContext): Promise<VaultAnswer> {
    const since = this.#manager.refusedLogins;
    const token = await this.#manager.take(context, since);
    const number = this.#next();
    try {
      return await this.#send(request, token, context);
    } catch (error) {
      if (!isSecretError(error, "PERMISSION_DENIED")) throw error;
      context.signal.throwIfAborted();
      // Vault says 403 of a token that has died, too. Another one may have taken its place meanwhile.
      if (this.#manager.isCurrent(token) && (await this.#isAlive(token, number, context))) throw error;
      this.#manager.drop(token);
    }
    return this.#replay(request, context, { since, former: token });
  }

  tokenOf(answer: VaultAnswer): TokenLife | undefined {
    return this.#tokens.get(answer);
  }

  close(context: CallContext): Promise<void> {
    return this.#manager.close(context);
  }

  async #replay(
    request: VaultRequest,
    context: CallContext,
    { since, former }: { readonly since: number; readonly former: Token },
  ): Promise<VaultAnswer> {
    const token = await this.#manager.take(context, since);
    const number = this.#next();
    try {
      return await this.#send(request, token, context);
    } catch (error) {
      // A token that is this young lives: if it cannot be looked up, no lookup can tell whether one has died.
      if (isSecretError(error, "PERMISSION_DENIED") && !(await this.#isAlive(token, number, context))) {
        this.#cannotLookUpSince = this.#parts.host.clock.monotonic();
        this.#manager.retire(former);
      }
      throw error;
    }
  }

  async #send(request: VaultRequest, token: Token, { signal }: CallContext): Promise<VaultAnswer> {
    try {
      const answer = await this.#parts.api.call(request, { signal, token: token.value });
      if (answer.leaseId !== "") token.hasLeases = true;
      this.#tokens.set(answer, token);
      return answer;
    } finally {
      this.#manager.done(token);
    }
  }

  #next(): number {
    this.#sent += 1;
    return this.#sent;
  }

  /** Death is for ever, so a proof of life counts for every refused request that was sent before it, and for no later one. */
  async #isAlive(token: Token, refused: number, { signal }: CallContext): Promise<boolean> {
    const serves = (one: { readonly token: Token; readonly number: number } | undefined): boolean =>
      one?.token === token && refused < one.number;
    if (serves(this.#proof)) return true;
    const now = this.#parts.host.clock.monotonic();
    if (this.#cannotLookUpSince !== undefined && now - this.#cannotLookUpSince < cannotLookUpMs) return true;
    if (!token.isRevocable && token.tokenType !== "batch") return false;
    if (this.#asking === undefined || !serves(this.#asking)) {
      const number = this.#next();
      this.#asking = { token, number, answer: this.#ask(token, number) };
    }
    const { answer } = this.#asking;
    signal.throwIfAborted();
    return answer;
  }

  async #ask(token: Token, number: number): Promise<boolean> {
    token.use();
    // Not bound to whoever asked first: others wait for it, too. The deadline of the call itself ends it.
    const { signal } = new AbortController();
    const lookup = { path: "auth/token/lookup-self", accept: [403] } as const;
    try {
      const { status } = await this.#parts.api.call(lookup, { signal, token: token.value });
      if (status === 403) return false;
      if (number > (this.#proof?.number ?? 0)) this.#proof = { token, number };
      return true;
    } finally {
      if (this.#asking?.number === number) this.#asking = undefined;
    }
  }
}

/** How long a refusal is taken for what it says, where nothing can tell whether the token has died. */
const cannotLookUpMs = 60_000;
