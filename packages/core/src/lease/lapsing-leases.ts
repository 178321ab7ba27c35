import type { Lease } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Clock } from "../time/clock.ts";
import type { LoanHost } from "./loans.ts";

/** When a lease ends, on both clocks. */
export interface LeaseEnd {
  readonly expiresAt: Date;
  readonly monotonic: number;
}

/** Beyond doubt: a wall clock that is set forward ends no lease at its store, and revoking one that has ended does no harm. */
export function hasLapsed({ expiresAt, monotonic }: LeaseEnd, clock: Clock): boolean {
  return expiresAt.getTime() <= clock.now() && monotonic <= clock.monotonic();
}

/** Leases that nobody renews any more: they lapse at their end, unless they are given back before. */
export class LapsingLeases {
  readonly #host: LoanHost;
  readonly #ends: Map<Lease, LeaseEnd> = new Map();

  constructor(host: LoanHost) {
    this.#host = host;
  }

  /** Whether any of them still runs. */
  get isOpen(): boolean {
    this.#forgetEnded();
    return this.#ends.size > 0;
  }

  add(lease: Lease, end: LeaseEnd): void {
    this.#forgetEnded();
    this.#ends.set(lease, end);
  }

  /** A renewal that was under way has lengthened it, unless it is given back already. */
  prolong(lease: Lease, end: LeaseEnd): void {
    if (this.#ends.has(lease)) this.#ends.set(lease, end);
  }

  /** Never rejects; what cannot be revoked is an event, so that an operator may do it. */
  async revokeAll(): Promise<void> {
    this.#forgetEnded();
    const running = [...this.#ends];
    this.#ends.clear();
    await Promise.all(running.map(([lease, { expiresAt }]) => this.#revoke(lease, expiresAt)));
  }

  async #revoke(lease: Lease, endsAt: Date): Promise<void> {
    const { provider, path, emit } = this.#host;
    try {
      await provider.leases.revoke(lease);
    } catch (error) {
      const { code } = error as SecretError;
      const told = { provider: provider.name, path, code, lease: lease.id, endsAt: new Date(endsAt) };
      emit({ type: "lease-not-revoked", ...told });
    }
  }

  #forgetEnded(): void {
    const { clock } = this.#host.scheduler;
    for (const [lease, end] of this.#ends) if (hasLapsed(end, clock)) this.#ends.delete(lease);
  }
}
