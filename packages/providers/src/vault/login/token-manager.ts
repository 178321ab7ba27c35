import { type CallContext, isSecretError, type ProviderHost, SecretError, type Timer } from "@tacit/core/provider";
import { LoginBackoff } from "../../shared/login.ts";
import { unlessAborted } from "../../shared/pause.ts";
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

/** Has one token ready: gets it, renews it, and gets another one before it ends. One login at a time, whoever asks. */
export class TokenManager {
  readonly #parts: SessionParts;
  readonly #backoff: LoginBackoff;
  readonly #closing = new AbortController();
  /** Ends a login, which outlives the beginning of the close: the token that it makes has to be revoked. */
  readonly #ending = new AbortController();
  /** Replaced ones that are not revoked yet: a request or a lease still needs them, or the store was down. */
  readonly #retired = new Set<Token>();
  /** How many tokens were replaced. */
  #retiredCount = 0;
  #token: Token | undefined;
  /** At most one; ends for those who wait as soon as the provider closes. */
  #loggingIn: Promise<void> | undefined;
  #login: Promise<void> = Promise.resolve();
  /** The token that is being renewed or replaced; another one may have taken its place meanwhile. */
  #maintaining: Token | undefined;
  #timer: Timer | undefined;
  /** What is left of the token's life when it is to be renewed or replaced. */
  #renewBelowMs = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#backoff = new LoginBackoff(parts.host);
  }

  /** To be remembered by a request from its beginning on. */
  get refusedLogins(): number {
    return this.#backoff.refused;
  }

  /**
   * The token to send with one request, which is counted; there may have to be a login first.
   * @param since `refusedLogins` when the request began
   * @throws {SecretError} what the login threw
   */
  async take({ signal }: CallContext, since: number): Promise<Token> {
    for (;;) {
      this.#closing.signal.throwIfAborted();
      const token = this.#token;
      if (token?.isUsable === true) {
        token.use();
        token.underWay += 1;
        // The timer may be late: it stood still while the machine was suspended.
        if (token.leftMs !== undefined && token.leftMs < this.#renewBelowMs) void this.#maintain(token);
        return token;
      }
      this.#backoff.check(since);
      await unlessAborted(this.#logInOnce(), signal);
    }
  }

  /** A request with it has ended. */
  done(token: Token): void {
    token.underWay -= 1;
    if (this.#retired.has(token)) this.#release(token);
  }

  isCurrent(token: Token): boolean {
    return this.#token === token;
  }

  /** It was taken for dead, and cannot be told from a living one: it is ended to be sure. */
  retire(token: Token): void {
    // A caching Agent answers the same login with the same token.
    if (this.#token?.value === token.value) return;
    this.#retired.add(token);
    this.#release(token);
  }

  /** It turned out to be dead. */
  drop(token: Token): void {
    if (this.#token === token) this.#token = undefined;
  }

  async close(context: CallContext): Promise<void> {
    this.#closing.abort(new SecretError("CLOSED", "the session with Vault was closed"));
    this.#timer?.cancel();
    await unlessAborted(this.#login, context.signal).catch(() => undefined);
    this.#ending.abort(this.#closing.signal.reason);
    const tokens = [...this.#retired, ...(this.#token === undefined ? [] : [this.#token])];
    this.#token = undefined;
    this.#retired.clear();
    await Promise.all(tokens.map((token) => this.#dismiss(token, context)));
  }

  #logInOnce(): Promise<void> {
    if (this.#loggingIn === undefined) {
      this.#login = this.#logIn();
      this.#loggingIn = unlessAborted(this.#login, this.#closing.signal).finally(() => {
        this.#loggingIn = undefined;
      });
    }
    return this.#loggingIn;
  }

  async #logIn(): Promise<void> {
    const { api, host, login } = this.#parts;
    try {
      const auth = await login.login({ api, host, signal: this.#ending.signal });
      host.protect(auth.clientToken, "vault token");
      const token = new Token(auth, host.clock);
      if (!token.isUsable) throw unusable();
      this.#backoff.succeeded();
      this.#adopt(token);
    } catch (error) {
      this.#closing.signal.throwIfAborted();
      this.#backoff.failed(error);
      throw error;
    }
  }

  #adopt(token: Token): void {
    const before = this.#token;
    this.#token = token;
    this.#schedule(token);
    if (before === undefined || before.value === token.value) return;
    // The redactor lets a name's former value go, but this token may live on, and others before it.
    this.#retiredCount += 1;
    this.#parts.host.protect(before.value, `retired vault token ${this.#retiredCount % mostRetired}`);
    this.#retired.add(before);
    this.#release(before);
  }

  /** Ends a replaced token, unless a request or a lease still needs it; then it ends on its own, or with the provider. */
  #release(token: Token): void {
    for (const each of this.#retired) if (!each.isRevocable) this.#retired.delete(each);
    if (token.underWay > 0 || token.hasLeases || !this.#retired.has(token)) return;
    this.#revoke(token, { signal: this.#closing.signal }).then(
      () => this.#retired.delete(token),
      () => undefined,
    );
  }

  #schedule(token: Token): void {
    this.#timer?.cancel();
    const { leftMs } = token;
    if (leftMs === undefined || this.#closing.signal.aborted) return;
    const { clock, random } = this.#parts.host;
    const delayMs = Math.min(Math.max(leftMs * (0.6 + 0.1 * random()), leastDelayMs), longestTimerMs);
    this.#renewBelowMs = leftMs - delayMs;
    this.#timer = clock.setTimer(() => void this.#maintain(token), delayMs);
  }

  /** Renews the token, or replaces it where that cannot be done any more. */
  async #maintain(token: Token): Promise<void> {
    if (this.#maintaining === token || this.#token !== token || this.#closing.signal.aborted) return;
    this.#maintaining = token;
    try {
      if (token.isRenewable) await this.#renew(token);
      else await this.#logInOnce();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#warn(error);
    } finally {
      if (this.#maintaining === token) this.#maintaining = undefined;
    }
    if (this.#token === token && !this.#closing.signal.aborted) this.#schedule(token);
  }

  async #renew(token: Token): Promise<void> {
    const { signal } = this.#closing;
    const answer = await this.#self(token, "renew-self", { signal });
    if (answer.auth !== undefined) token.prolong(answer.auth.durationMs, answer.auth.renewable);
    // Refused: it has died, may not be renewed, or its policies forbid it. A new one settles all of these.
    if (answer.status >= 400) token.renewNoMore();
    // A read may have found it dead, and logged in, before this answer came.
    if (token.isRenewable || this.#token !== token) return;
    // At once, also where the last grant is not over: what is leased from here on must not die with it.
    await this.#logInOnce();
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
      "A token that this process had made could not be revoked; it ends on its own. Keep the lifetime of tokens short, and let the policies allow auth/token/revoke-self, as the policy `default` does.",
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
      `The token of Vault could not be renewed (${code}: ${message}); it is tried again.`,
    );
  }
}

/** A token in its last moments must not be asked about without pause. */
const leastDelayMs = 1000;
/** So many of them stay protected, however often there is a login: those that live on are among the last. */
const mostRetired = 100;
/** What timers can hold. */
const longestTimerMs = 2 ** 31 - 1;

function unusable(): SecretError {
  return new SecretError("UNAUTHENTICATED", "the login gave a token that has ended already", {
    reason: "token-ended",
    tip: "Look at the lifetime and number of uses that the role gives its tokens.",
  });
}
