import type { Clock } from "@tacit/core/provider";
import type { HeldLogin } from "../../login.ts";
import { EndOnClocks } from "../../two-clocks.ts";
import type { VaultAuth } from "../answer.ts";
import type { TokenLife } from "./session.ts";

/** One token and what is known of its life. */
export class Token implements TokenLife, HeldLogin {
  readonly tokenType: string;
  /** Whether something was leased with it, which dies with it. */
  hasLeases = false;
  /** Requests under way with it. */
  underWay = 0;
  /** Printing a token shows no more than its type. */
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
    // A renewal would take one of the uses.
    this.#isRenewable = auth.renewable && auth.tokenType !== "batch" && auth.numUses === 0;
    this.#longestMs = auth.durationMs;
    this.#end = this.#endAfter(auth.durationMs);
  }

  get value(): string {
    return this.#value;
  }

  /** Whether a renewal may prolong it. */
  get isRenewable(): boolean {
    return this.#isRenewable;
  }

  /** Until it ends unless it is renewed; undefined where it never ends. */
  get leftMs(): number | undefined {
    return this.#end?.leftMs;
  }

  get termMs(): number | undefined {
    return this.#end === undefined ? undefined : this.#longestMs;
  }

  /** Whether it may be sent once more. The last use of several is left alone: Vault would revoke it, and what it leased. */
  get isUsable(): boolean {
    return this.leftMs !== 0 && (this.#numUses === 0 || this.#usesLeft > (this.#numUses > 1 ? 1 : 0));
  }

  /** Whether any use is left, for a request that ends it. One that a single clock takes for ended may live: that clock was set. */
  get isRevocable(): boolean {
    const hasEnded = this.#end?.isSurelyOver === true;
    return this.tokenType !== "batch" && !hasEnded && (this.#numUses === 0 || this.#usesLeft > 0);
  }

  /** Counts a request. */
  use(): void {
    this.#usesLeft -= 1;
  }

  /** For a token that turned out not to be renewable. */
  renewNoMore(): void {
    this.#isRenewable = false;
  }

  /**
   * Takes what a renewal granted. A grant below what it was granted before comes from its maximum, so it was the last one;
   * a periodic token has none.
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
