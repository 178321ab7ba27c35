import { randomBytes } from "node:crypto";
import type { DoubleAnswer } from "../../http-double.ts";
import { type DoubleRequest, envelope, refusal } from "./request.ts";

/** What a token is to be. Durations in milliseconds; 0 never ends. */
export interface TokenGrant {
  readonly ttlMs?: number;
  /** From its making on; renewals reach no further. */
  readonly maxTtlMs?: number;
  readonly periodMs?: number;
  readonly renewable?: boolean;
  readonly type?: "service" | "batch";
  readonly numUses?: number;
  readonly policies?: readonly string[];
}

interface DoubleToken {
  readonly value: string;
  readonly grant: TokenGrant;
  readonly madeAt: number;
  endsAt: number;
  usesLeft: number;
}

/** The tokens that a Vault knows. */
export class DoubleTokens {
  /** Every token that was ever made. */
  readonly made: string[] = [];
  readonly revoked: string[] = [];
  readonly #now: () => number;
  readonly #tokens = new Map<string, DoubleToken>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The tokens that are good now. */
  get alive(): readonly string[] {
    return [...this.#tokens.keys()].filter((value) => this.isAlive(value));
  }

  create(grant: TokenGrant = {}): string {
    const value = `hvs.s3cret-fixture-${randomBytes(12).toString("hex")}`;
    const { ttlMs = 3_600_000, numUses = 0 } = grant;
    const madeAt = this.#now();
    const endsAt = ttlMs === 0 ? Number.POSITIVE_INFINITY : madeAt + ttlMs;
    this.#tokens.set(value, {
      value,
      grant,
      madeAt,
      endsAt,
      usesLeft: numUses === 0 ? Number.POSITIVE_INFINITY : numUses,
    });
    this.made.push(value);
    return value;
  }

  isAlive(value: string | undefined): boolean {
    const token = this.#tokens.get(value ?? "");
    return token !== undefined && token.endsAt > this.#now() && token.usesLeft > 0;
  }

  /** Takes one use. */
  use(value: string): void {
    const token = this.#tokens.get(value);
    if (token !== undefined) token.usesLeft -= 1;
  }

  revoke(value: string): void {
    if (this.#tokens.delete(value)) this.revoked.push(value);
  }

  /** Lets none of them end by itself any more, as where only the other side's clock was set. */
  keepAlive(): void {
    for (const token of this.#tokens.values()) token.endsAt = Number.POSITIVE_INFINITY;
  }

  revokeAll(): void {
    for (const value of [...this.#tokens.keys()]) this.revoke(value);
  }

  /** What a login answers. */
  login(grant: TokenGrant = {}): DoubleAnswer {
    return { body: envelope("null", { auth: this.#auth(this.create(grant)) }) };
  }

  /** `auth/token/*`. The caller has checked the token. */
  handle({ path, token: value = "" }: DoubleRequest): DoubleAnswer | undefined {
    const token = this.#tokens.get(value);
    if (token === undefined) return undefined;
    switch (path) {
      case "auth/token/lookup-self":
        return { body: envelope(JSON.stringify(this.#lookup(token))) };
      case "auth/token/renew-self":
        return this.#renew(token);
      case "auth/token/revoke-self":
        this.revoke(value);
        return {};
      default:
        return undefined;
    }
  }

  #renew(token: DoubleToken): DoubleAnswer {
    const { renewable = true, type = "service", periodMs = 0, ttlMs = 3_600_000, maxTtlMs } = token.grant;
    if (!renewable || type === "batch") return refusal(400, "lease is not renewable");
    const wanted = this.#now() + (periodMs > 0 ? periodMs : ttlMs);
    const latest = periodMs > 0 || maxTtlMs === undefined ? Number.POSITIVE_INFINITY : token.madeAt + maxTtlMs;
    token.endsAt = Math.min(wanted, latest);
    return { body: envelope("null", { auth: this.#auth(token.value) }) };
  }

  #auth(value: string): object {
    const token = this.#tokens.get(value);
    const { renewable = true, type = "service", numUses = 0, policies = ["default"] } = token?.grant ?? {};
    return {
      client_token: value,
      accessor: "accessor-of-the-token",
      policies,
      lease_duration: this.#secondsLeft(token),
      renewable: renewable && type === "service",
      token_type: type,
      num_uses: numUses,
      mfa_requirement: null,
    };
  }

  #lookup(token: DoubleToken): object {
    const { renewable = true, type = "service", periodMs, policies = ["default"], ttlMs = 3_600_000 } = token.grant;
    return {
      id: token.value,
      type,
      policies,
      renewable: renewable && type === "service",
      ttl: this.#secondsLeft(token),
      creation_ttl: ttlMs / 1000,
      num_uses: Number.isFinite(token.usesLeft) ? token.usesLeft : 0,
      ...(periodMs !== undefined && { period: periodMs / 1000 }),
    };
  }

  /** Whole seconds, as Vault counts. */
  #secondsLeft(token: DoubleToken | undefined): number {
    const left = (token?.endsAt ?? 0) - this.#now();
    return Number.isFinite(left) ? Math.max(0, Math.floor(left / 1000)) : 0;
  }
}
