import { type CallContext, isSecretError } from "@tacit/core/provider";
import type { VaultAnswer } from "../answer.ts";
import type { VaultRequest } from "../api.ts";
import type { Session, TokenLife } from "./session.ts";
import type { Token } from "./token.ts";
import { TokenCheck } from "./token-check.ts";
import { type SessionParts, TokenManager } from "./token-manager.ts";

/** Makes a session whose requests carry a token. No I/O: the first call logs in. */
export function createTokenSession(parts: SessionParts): Session {
  return new TokenSession(parts);
}

class TokenSession implements Session {
  readonly #parts: SessionParts;
  readonly #manager: TokenManager;
  readonly #tokens = new WeakMap<VaultAnswer, Token>();
  readonly #check = new TokenCheck<Token>();
  /** Since when tokens of this login are known to be unable to look themselves up. */
  #cannotLookUpSince: number | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#manager = new TokenManager(parts);
  }

  call(request: VaultRequest, context: CallContext): Promise<VaultAnswer> {
    return this.#run((token) => this.#send(request, token, context), context);
  }

  connect<R>(open: (token: string | undefined) => Promise<R>, context: CallContext): Promise<R> {
    return this.#run((token) => open(token.value), context);
  }

  tokenOf(answer: VaultAnswer): TokenLife | undefined {
    return this.#tokens.get(answer);
  }

  close(context: CallContext): Promise<void> {
    return this.#manager.close(context);
  }

  async #run<R>(request: (token: Token) => Promise<R>, context: CallContext): Promise<R> {
    /** The tokens that were sent, and the numbers of the requests. */
    const sent: { readonly token: Token; readonly number: number }[] = [];
    const send = (token: Token): Promise<R> => {
      sent.push({ token, number: this.#check.next() });
      return request(token);
    };
    // Vault says 403 of a token that has died, too.
    const isDead = async (error: unknown, token: Token): Promise<boolean> =>
      isSecretError(error, "PERMISSION_DENIED") &&
      this.#manager.isCurrent(token) &&
      !(await this.#isAlive(token, sent[0]?.number ?? 0, context));
    try {
      return await this.#manager.call(send, isDead, context);
    } catch (error) {
      const [former, again] = sent;
      // A token that is this young lives: if it cannot be looked up, no lookup can tell whether one has died.
      if (former !== undefined && again !== undefined && isSecretError(error, "PERMISSION_DENIED")) {
        if (!(await this.#isAlive(again.token, again.number, context))) {
          this.#cannotLookUpSince = this.#parts.host.clock.monotonic();
          this.#manager.retire(former.token);
        }
      }
      throw error;
    }
  }

  async #send(request: VaultRequest, token: Token, { signal }: CallContext): Promise<VaultAnswer> {
    const answer = await this.#parts.api.call(request, { signal, token: token.value });
    if (answer.leaseId !== "") token.hasLeases = true;
    this.#tokens.set(answer, token);
    return answer;
  }

  async #isAlive(token: Token, refused: number, context: CallContext): Promise<boolean> {
    const now = this.#parts.host.clock.monotonic();
    if (this.#cannotLookUpSince !== undefined && now - this.#cannotLookUpSince < cannotLookUpMs) return true;
    if (!token.isRevocable && token.tokenType !== "batch") return false;
    return this.#check.isAlive(token, { refused, lookUp: () => this.#lookUp(token) }, context);
  }

  async #lookUp(token: Token): Promise<boolean> {
    token.use();
    const { signal } = new AbortController();
    const lookup = { path: "auth/token/lookup-self", accept: [403] } as const;
    const { status } = await this.#parts.api.call(lookup, { signal, token: token.value });
    return status !== 403;
  }
}

/** How long a refusal is taken for what it says, where nothing can tell whether the token has died. */
const cannotLookUpMs = 60_000;
