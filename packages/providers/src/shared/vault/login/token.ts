import type { Clock } from "@tacit/core/provider";
import type { HeldLogin } from "../../login.ts";
import { EndOnClocks } from "../../two-clocks.ts";
import type { VaultAuth } from "../answer.ts";
import type { TokenLife } from "./session.ts";

/** A token and its lifetime. */
export class Token implements TokenLife, HeldLogin {
  readonly tokenType: string;
  /** Whether a lease was created with it, which ends with it. */
  hasLeases = false;
  /** The number of requests in progress with it. */
  underWay = 0;
  /** Private, so that printing the object does not show it. */
  readonly #value: string;
  readonly #clock: Clock;
  readonly #isPeriodic: boolean;
  readonly #numUses: number;
  #isRenewable: boolean;
  #usesLeft: number;
  #longestMs: number;
  #end: EndOnClocks | undefined;

  constructor(auth: VaultAuth, clock: Clock) {
    this.#value = auth.clientToken;
    this.tokenType = auth.tokenType;
    this.#clock = clock;
    this.#isPeriodic = (auth.periodMs ?? 0) > 0;
    this.#numUses = auth.numUses;
    this.#usesLeft = auth.numUses;
    // A renewal would count as a use.
    this.#isRenewable = auth.renewable && auth.tokenType !== "batch" && auth.numUses === 0;
    this.#longestMs = auth.durationMs;
    this.#end = this.#endAfter(auth.durationMs);
  }

  get value(): string {
    return this.#value;
  }

  /** Whether a renewal may extend it. */
  get isRenewable(): boolean {
    return this.#isRenewable;
  }

  get leftMs(): number | undefined {
    return this.#end?.leftMs;
  }

  get termMs(): number | undefined {
    return this.#end === undefined ? undefined : this.#longestMs;
  }

  /** Whether it may still be sent. The last of several uses is not taken, because Vault would then revoke the token and its leases. */
  get isUsable(): boolean {
    return this.leftMs !== 0 && (this.#numUses === 0 || this.#usesLeft > (this.#numUses > 1 ? 1 : 0));
  }

  /** Whether it can be revoked: it is not a batch token, has a use left, and has not expired by both clocks, one of which may have been set. */
  get isRevocable(): boolean {
    const hasEnded = this.#end?.isSurelyOver === true;
    return this.tokenType !== "batch" && !hasEnded && (this.#numUses === 0 || this.#usesLeft > 0);
  }

  /** Counts a use. */
  use(): void {
    this.#usesLeft -= 1;
  }

  /** Marks the token as not renewable. */
  renewNoMore(): void {
    this.#isRenewable = false;
  }

  /**
   * Applies a renewal. A shorter grant than before is limited by the maximum lifetime, so it is the last one; a periodic token has
   * no maximum.
   */
  prolong(grantedMs: number, isRenewable: boolean): void {
    if (grantedMs <= 0) return;
    this.#isRenewable = isRenewable && (this.#isPeriodic || grantedMs >= this.#longestMs * 0.95);
    this.#longestMs = Math.max(this.#longestMs, grantedMs);
    this.#end = this.#endAfter(grantedMs);
  }

  endsInMs(): number | undefined {
    const { leftMs } = this;
    return this.#isRenewable && leftMs !== 0 ? undefined : leftMs;
  }

  #endAfter(durationMs: number): EndOnClocks | undefined {
    return durationMs <= 0 ? undefined : new EndOnClocks(durationMs, this.#clock);
  }
}
