import type { DoubleAnswer } from "../../http-double.ts";
import { type EngineCall, refusedWith, replied } from "./engine-call.ts";

/** One lease that runs. */
interface RunningLease {
  readonly token: string;
  readonly maxEndsAt: number;
  readonly renewable: boolean;
  readonly end: () => void;
  endsAt: number;
}

/** What a lease begins with; in seconds. */
export interface LeaseTerms {
  readonly ttl: number;
  readonly maxTtl: number;
  readonly renewable: boolean;
}

/** The leases of the double: they end by time, by revocation, or with their token, and take along what they leased. */
export class DoubleLeases {
  readonly #now: () => number;
  readonly #running = new Map<string, RunningLease>();
  #serial = 0;

  /** @param now wall time in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The ids of those that run. */
  get ids(): readonly string[] {
    this.#sweep();
    return [...this.#running.keys()];
  }

  /** Begins a lease; the members of the envelope that tell of it. */
  begin({ path, token }: EngineCall, { ttl, maxTtl, renewable }: LeaseTerms, end: () => void): Record<string, unknown> {
    const [id, now] = [`${path}/lease-${++this.#serial}`, this.#now()];
    this.#running.set(id, { token, renewable, end, endsAt: now + ttl * 1000, maxEndsAt: now + maxTtl * 1000 });
    return { lease_id: id, lease_duration: ttl, renewable };
  }

  /** Ends one, as an operator does. */
  end(id: string): void {
    this.#running.get(id)?.end();
    this.#running.delete(id);
  }

  /** A token has died. */
  endAllOf(token: string): void {
    for (const [id, lease] of this.#running) if (lease.token === token) this.end(id);
  }

  answer(call: EngineCall): DoubleAnswer | undefined {
    this.#sweep();
    if (call.path === "sys/leases/renew") return this.#renew(call);
    if (call.path !== "sys/leases/revoke") return undefined;
    this.end(String(call.body.lease_id));
    return { status: 204 };
  }

  #renew(call: EngineCall): DoubleAnswer {
    const id = String(call.body.lease_id);
    const lease = this.#running.get(id);
    if (lease === undefined) return refusedWith(400, "lease not found", call);
    if (!lease.renewable) return refusedWith(400, "lease is not renewable", call);
    const [now, asked] = [this.#now(), Number(call.body.increment) * 1000];
    lease.endsAt = Math.min(now + asked, lease.maxEndsAt);
    const isCapped = now + asked > lease.maxEndsAt;
    const warnings = isCapped ? ["TTL exceeded the effective max_ttl; TTL value is capped accordingly"] : null;
    const granted = Math.round((lease.endsAt - now) / 1000);
    return replied(null, { lease_id: id, renewable: true, lease_duration: granted, warnings });
  }

  #sweep(): void {
    for (const [id, { endsAt }] of this.#running) if (endsAt <= this.#now()) this.end(id);
  }
}
