import { type CallContext, isSecretError, type ProviderHost } from "@tacit/core/provider";
import { CachedLogin } from "../../login.ts";
import type { VaultAnswer } from "../answer.ts";
import type { VaultApi } from "../api.ts";
import type { Login } from "./login.ts";
import { Token } from "./token.ts";

/** The parts of a session. */
export interface SessionParts {
  readonly api: VaultApi;
  readonly login: Login;
  readonly host: ProviderHost;
}

/** Provides a valid token: logs in, renews the token, replaces it before it expires, and revokes replaced tokens. */
export class TokenManager {
  readonly #parts: SessionParts;
  readonly #cached: CachedLogin<Token>;
  /** Replaced tokens that are not yet revoked: a request or a lease still needs them, or the store was unavailable. */
  readonly #retired = new Set<Token>();
  /** The number of tokens replaced so far. */
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
   * Sends a request with the token, after a login if necessary, and once more with a new token if `isDead` returns true. The
   * requests of each token are counted.
   * @throws {SecretError} the error of the login or of the last request
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

  /** Returns whether a token is in use. */
  isCurrent(token: Token): boolean {
    return this.#cached.isCurrent(token);
  }

  /** Revokes a token that was replaced because it seemed invalid, but may be valid. */
  retire(token: Token): void {
    // An Agent with a cache returns the same token for the same login.
    if (this.#cached.current?.value === token.value) return;
    this.#retired.add(token);
    this.#release(token);
  }

  /** Stops renewal, and revokes all tokens. A token that cannot be revoked causes a warning. */
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
    // The redactor drops the former value of a name, but this token, and others before it, may still be valid.
    this.#retiredCount += 1;
    this.#parts.host.protect(former.value, `retired vault token ${this.#retiredCount % mostRetired}`);
    this.#retired.add(former);
    this.#release(former);
  }

  /** Revokes a replaced token, unless a request or lease still needs it. With a lease it expires, or is revoked by `close`. */
  #release(token: Token): void {
    for (const each of this.#retired) if (!each.isRevocable) this.#retired.delete(each);
    if (token.underWay > 0 || token.hasLeases || !this.#retired.has(token)) return;
    this.#revoke(token, { signal: this.#cached.closing }).then(
      () => this.#retired.delete(token),
      () => undefined,
    );
  }

  /** Renews a token. Returns whether it can be renewed again; otherwise it is replaced immediately, since new leases would end with it. */
  async #renew(token: Token, context: CallContext): Promise<boolean> {
    if (!token.isRenewable) return false;
    const answer = await this.#self(token, "renew-self", context);
    if (answer.auth !== undefined) token.prolong(answer.auth.durationMs, answer.auth.renewable);
    // The token is invalid, not renewable, or its policies forbid it. A new login resolves all of these.
    if (answer.status >= 400) token.renewNoMore();
    return token.isRenewable;
  }

  /** Revokes a token. Returns false if Vault refuses that, because a permission is missing or the token has ended. */
  async #revoke(token: Token, context: CallContext): Promise<boolean> {
    if (!this.#parts.login.ownsToken || !token.isRevocable) return true;
    const { status } = await this.#self(token, "revoke-self", context);
    return status < 400;
  }

  /** Revokes a token on close, with a warning if that fails. */
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

/** The number of retired tokens that stay registered with the redactor; older ones have expired. */
const mostRetired = 100;
