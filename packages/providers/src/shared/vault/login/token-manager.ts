import { type CallContext, isSecretError, type ProviderHost } from "@tacit/core/provider";
import { CachedLogin } from "../../login.ts";
import type { VaultAnswer } from "../answer.ts";
import type { VaultApi } from "../api.ts";
import type { Login } from "./login.ts";
import { Token } from "./token.ts";

/** What a session is made of. */
export interface SessionParts {
  readonly api: VaultApi;
  readonly login: Login;
  readonly host: ProviderHost;
}

/** Has one token ready: gets it, renews it, gets another one before it ends, and revokes those that are replaced. */
export class TokenManager {
  readonly #parts: SessionParts;
  readonly #cached: CachedLogin<Token>;
  /** Replaced ones that are not revoked yet: a request or a lease still needs them, or the store was down. */
  readonly #retired = new Set<Token>();
  /** How many tokens were replaced. */
  #retiredCount = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#cached = new CachedLogin<Token>(
      {
        login: (context) => this.#logIn(context),
        onTake(token) {
          token.use();
          token.underWay += 1;
        },
        renew: (token, context) => this.#renew(token, context),
        onReplaced: (former) => this.#replaced(former),
        onFailure: (error) => this.#warn(error),
      },
      parts.host,
    );
  }

  /**
   * Sends a request with the token, which is counted; there may have to be a login first, and once more where `isDead` tells
   * that the token is none any more.
   * @throws {SecretError} what the login or the last request threw
   */
  call<R>(
    send: (token: Token) => Promise<R>,
    isDead: (error: unknown, token: Token) => Promise<boolean>,
    context: CallContext,
  ): Promise<R> {
    const counted = async (token: Token): Promise<R> => {
      try {
        return await send(token);
      } finally {
        token.underWay -= 1;
        if (this.#retired.has(token)) this.#release(token);
      }
    };
    return this.#cached.call(counted, isDead, context);
  }

  isCurrent(token: Token): boolean {
    return this.#cached.isCurrent(token);
  }

  /** It was taken for dead, and cannot be told from a living one: it is ended to be sure. */
  retire(token: Token): void {
    // A caching Agent answers the same login with the same token.
    if (this.#cached.current?.value === token.value) return;
    this.#retired.add(token);
    this.#release(token);
  }

  async close(context: CallContext): Promise<void> {
    const current = await this.#cached.close(context);
    const tokens = [...this.#retired, ...(current === undefined ? [] : [current])];
    this.#retired.clear();
    await Promise.all(tokens.map((token) => this.#dismiss(token, context)));
  }

  async #logIn({ signal }: CallContext): Promise<Token> {
    const { api, host, login } = this.#parts;
    const auth = await login.login({ api, host, signal });
    host.protect(auth.clientToken, "vault token");
    return new Token(auth, host.clock);
  }

  #replaced(former: Token): void {
    if (this.#cached.current?.value === former.value) return;
    // The redactor lets a name's former value go, but this token may live on, and others before it.
    this.#retiredCount += 1;
    this.#parts.host.protect(former.value, `retired vault token ${this.#retiredCount % mostRetired}`);
    this.#retired.add(former);
    this.#release(former);
  }

  /** Ends a replaced token, unless a request or a lease still needs it; then it ends on its own, or with the provider. */
  #release(token: Token): void {
    for (const each of this.#retired) if (!each.isRevocable) this.#retired.delete(each);
    if (token.underWay > 0 || token.hasLeases || !this.#retired.has(token)) return;
    this.#revoke(token, { signal: this.#cached.closing }).then(
      () => this.#retired.delete(token),
      () => undefined,
    );
  }

  /** Answers whether it goes on; where not, it is replaced at once: what is leased from here on must not die with it. */
  async #renew(token: Token, context: CallContext): Promise<boolean> {
    if (!token.isRenewable) return false;
    const answer = await this.#self(token, "renew-self", context);
    if (answer.auth !== undefined) token.prolong(answer.auth.durationMs, answer.auth.renewable);
    // Refused: it has died, may not be renewed, or its policies forbid it. A new one settles all of these.
    if (answer.status >= 400) token.renewNoMore();
    return token.isRenewable;
  }

  /** Answers whether Vault has not refused: its 403 is for a right that is missing, and for a token that has ended. */
  async #revoke(token: Token, context: CallContext): Promise<boolean> {
    if (!this.#parts.login.ownsToken || !token.isRevocable) return true;
    const { status } = await this.#self(token, "revoke-self", context);
    return status < 400;
  }

  /** The last chance to revoke it. */
  async #dismiss(token: Token, context: CallContext): Promise<void> {
    const isOver = token.leftMs === 0;
    const isRevoked = await this.#revoke(token, context).catch(() => false);
    if (isRevoked || isOver) return;
    this.#parts.host.warn(
      "token-not-revoked",
      "A token of this process could not be revoked; it expires later. Keep the lifetime of tokens short, and allow auth/token/revoke-self in the policies, as the policy `default` does.",
    );
  }

  #self(token: Token, action: "renew-self" | "revoke-self", { signal }: CallContext): Promise<VaultAnswer> {
    token.use();
    const request = { method: "POST", path: `auth/token/${action}`, json: {}, accept: [400, 403] } as const;
    return this.#parts.api.call(request, { signal, token: token.value });
  }

  #warn(error: unknown): void {
    const { code, message } = isSecretError(error) ? error : { code: "INTERNAL", message: "unforeseen" };
    this.#parts.host.warn(
      "token-renewal",
      `The Vault token could not be renewed (${code}: ${message}); the renewal is retried.`,
    );
  }
}

/** So many of them stay protected, however often there is a login: those that live on are among the last. */
const mostRetired = 100;
