import type { SecretError } from "../error/secret-error.ts";
import type { Lease } from "../provider/contract.ts";
import type { LoanHost } from "./loans.ts";

/** Leases that nobody renews any more: they lapse at their end, unless they are given back before. */
export class LapsingLeases {
  readonly #host: LoanHost;
  /** lease -> wall time of its end */
  readonly #ends: Map<Lease, number> = new Map();

  constructor(host: LoanHost) {
    this.#host = host;
  }

  /** Whether any of them still runs. */
  get isOpen(): boolean {
    this.#forgetEnded();
    return this.#ends.size > 0;
  }

  add(lease: Lease, endsAt: number): void {
    this.#forgetEnded();
    this.#ends.set(lease, endsAt);
  }

  /** A renewal that was under way has lengthened it, unless it is given back already. */
  prolong(lease: Lease, endsAt: Date): void {
    if (this.#ends.has(lease)) this.#ends.set(lease, endsAt.getTime());
  }

  /** Never rejects; what cannot be revoked is an event, so that an operator may do it. */
  async revokeAll(): Promise<void> {
    this.#forgetEnded();
    const running = [...this.#ends];
    this.#ends.clear();
    await Promise.all(running.map(([lease, endsAt]) => this.#revoke(lease, endsAt)));
  }

  async #revoke(lease: Lease, endsAt: number): Promise<void> {
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
    const now = this.#host.scheduler.clock.now();
    for (const [lease, endsAt] of this.#ends) if (endsAt <= now) this.#ends.delete(lease);
  }
}
