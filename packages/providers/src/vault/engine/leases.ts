import { type CallContext, isSecretError, type Lease, type ProviderHost, SecretError } from "@tacit/core/provider";
import { EndOnClocks } from "../../shared/two-clocks.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";
import type { Session, TokenLife } from "../../shared/vault/login/session.ts";
import { says } from "./refusal.ts";

/**
 * The leases of a provider. Vault revokes a lease when its token ends, even if the lease is renewable, so no lease is reported
 * with a longer duration than the guaranteed lifetime of its token. Whether a token has reached its maximum lifetime shows only
 * when it is renewed, so the client must check a lease within each term of its token: such a lease is reported as renewable, with
 * a share of that term. If Vault cannot renew the lease, this class answers the renewal from the lifetime of the token.
 */
export class Leases {
  readonly #session: Session;
  readonly #clock: ProviderHost["clock"];
  /** lease id -> its token and duration, until the lease ends */
  readonly #taken = new Map<string, TakenLease>();

  constructor(session: Session, { clock }: Pick<ProviderHost, "clock">) {
    this.#session = session;
    this.#clock = clock;
  }

  /** Returns the lease of a response; undefined if there is none. A duration without an id is only advice. */
  of(answer: VaultAnswer): Lease | undefined {
    const { leaseId: id, leaseDurationMs: durationMs, renewable } = answer;
    if (id === "" || durationMs <= 0) return undefined;
    return this.#take({ id, durationMs, renewable }, this.#session.tokenOf(answer));
  }

  /**
   * Renews a lease for its original duration; Vault limits it by the maximum of role, mount and system.
   * @throws {SecretError} NOT_FOUND, definitive, for a lease that has ended; UNSUPPORTED `not-renewable`; PERMISSION_DENIED; other errors of `Session.call`
   */
  async renew(lease: Lease, context: CallContext): Promise<Lease> {
    const taken = this.#taken.get(lease.id);
    if (taken?.renewable === false && lease.renewable) return this.#lookAgain(lease, taken);
    const termMs = taken?.termMs ?? lease.durationMs;
    const json = { lease_id: lease.id, increment: Math.ceil(termMs / 1000) };
    const answer = await this.#change("sys/leases/renew", json, context);
    if (answer.status === 400) throw this.#refused(lease, answer);
    const { leaseDurationMs: durationMs, renewable } = answer;
    return this.#take({ id: lease.id, durationMs, renewable }, taken?.token ?? this.#session.tokenOf(answer), termMs);
  }

  /**
   * Revokes a lease, and waits until its engine has revoked the credential, so that a failure is known.
   * @throws {SecretError} PERMISSION_DENIED; UNAVAILABLE if the engine cannot revoke it now
   */
  async revoke(lease: Lease, context: CallContext): Promise<void> {
    const answer = await this.#change("sys/leases/revoke", { lease_id: lease.id, sync: true }, context);
    if (answer.status === 400 && !says(answer, ended)) throw this.#refused(lease, answer);
    this.#taken.delete(lease.id);
  }

  async #change(path: string, json: Readonly<Record<string, unknown>>, context: CallContext): Promise<VaultAnswer> {
    try {
      return await this.#session.call({ method: "POST", path, json, accept: [400] }, context);
    } catch (error) {
      throw isSecretError(error, "PERMISSION_DENIED") ? denied(path, error) : error;
    }
  }

  #take(lease: Lease, token: TokenLife | undefined, termMs: number = lease.durationMs): Lease {
    for (const [id, { end }] of this.#taken) if (end.leftMs === 0) this.#taken.delete(id);
    if (token === undefined) return lease;
    const end = new EndOnClocks(lease.durationMs, this.#clock);
    this.#taken.set(lease.id, { token, termMs, end, renewable: lease.renewable });
    return boundedBy(token, lease);
  }

  /** Answers the renewal of a lease that Vault cannot renew, with its remaining duration limited by the token. */
  #lookAgain({ id }: Lease, { token, end }: TakenLease): Lease {
    const durationMs = end.leftMs;
    if (durationMs > 0) return boundedBy(token, { id, durationMs, renewable: false });
    this.#taken.delete(id);
    throw unknownLease();
  }

  #refused({ id }: Lease, answer: VaultAnswer): SecretError {
    if (!says(answer, ended)) return refused(answer);
    this.#taken.delete(id);
    return unknownLease();
  }
}

/** The state of a lease. */
interface TakenLease {
  /** The token of the request that created it. */
  readonly token: TokenLife;
  /** The duration that Vault granted first. */
  readonly termMs: number;
  /** The end of Vault's last grant. */
  readonly end: EndOnClocks;
  /** Whether Vault can renew it. */
  readonly renewable: boolean;
}

/** Returns the lease, with its duration limited by its token. */
function boundedBy(token: TokenLife, lease: Lease): Lease {
  const { termMs, leftMs } = token;
  if (termMs === undefined || leftMs === undefined) return lease;
  const endsInMs = token.endsInMs();
  if (endsInMs !== undefined && endsInMs <= lease.durationMs)
    return { ...lease, durationMs: Math.max(0, endsInMs), renewable: false };
  // The token is certainly valid for the duration of the lease.
  if (!lease.renewable && lease.durationMs <= leftMs) return lease;
  return { ...lease, durationMs: Math.min(lease.durationMs, termMs * shareOfTerm), renewable: true };
}

/**
 * The share of a token's term as the duration of a lease. A token is renewed when at least 30 % of its term are left, and the client
 * renews a lease after a third of its duration, plus or minus a tenth, so it notices the last term of a token before it ends.
 */
const shareOfTerm = 0.8;
const ended = /lease (not found|expired)|invalid lease/i;

function unknownLease(): SecretError {
  return new SecretError("NOT_FOUND", "Vault no longer knows the lease: it has expired or was revoked", {
    definitive: true,
  });
}

function refused(answer: VaultAnswer): SecretError {
  if (says(answer, /not renewable/i))
    return new SecretError("UNSUPPORTED", "Vault does not renew this lease", { reason: "not-renewable" });
  return new SecretError("INTERNAL", "Vault refused with 400 to change a lease", { reason: "unexpected-status" });
}

function denied(path: string, { reason }: SecretError): SecretError {
  return new SecretError("PERMISSION_DENIED", `no policy of the token allows ${path}`, {
    reason,
    tip: `Grant "update" on "${path}". Vault's default policy grants it only for sys/leases/renew.`,
  });
}
