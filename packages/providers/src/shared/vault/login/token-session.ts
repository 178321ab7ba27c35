import { type CallContext, isSecretError } from "@tacit/core/provider";
import type { VaultAnswer } from "../answer.ts";
import type { VaultRequest } from "../api.ts";
import type { Session, TokenLife } from "./session.ts";
import type { Token } from "./token.ts";
import { TokenCheck } from "./token-check.ts";
import { type SessionParts, TokenManager } from "./token-manager.ts";

/** Creates a session whose requests have a token. Performs no I/O; the first call logs in. */
export function createTokenSession(parts: SessionParts): Session {
  return new TokenSession(parts);
}

class TokenSession implements Session {
  readonly #parts: SessionParts;
  readonly #manager: TokenManager;
  readonly #tokens = new WeakMap<VaultAnswer, Token>();
  readonly #check = new TokenCheck<Token>();
  /** The monotonic time at which a token of this login was last found unable to look itself up. */
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
    /** The tokens of the attempts, and the numbers of the requests. */
    const sent: { readonly token: Token; readonly number: number }[] = [];
    const send = (token: Token): Promise<R> => {
      sent.push({ token, number: this.#check.next() });
      return request(token);
    };
    // Vault also sends 403 for an invalid token.
    const isDead = async (error: unknown, token: Token): Promise<boolean> =>
      isSecretError(error, "PERMISSION_DENIED") &&
      this.#manager.isCurrent(token) &&
      !(await this.#isAlive(token, sent[0]?.number ?? 0, context));
    try {
      return await this.#manager.call(send, isDead, context);
    } catch (error) {
      const [former, again] = sent;
      // A new token is valid. If its lookup is refused, lookups cannot show whether a token is valid.
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

/** The time during which a 403 counts as a denial after a lookup was refused. */
const cannotLookUpMs = 60_000;
