import { type CallContext, isSecretError, type Lease, type ProviderHost, SecretError } from "@tacit/core/provider";
import { says } from "./engine/refusal.ts";
import type { Session, TokenLife } from "./session.ts";
import type { VaultAnswer } from "./vault-api.ts";

/**
 * The leases of one provider. A lease dies with the token that took it, so none lasts longer than a token that cannot be
 * renewed, and one that the token would outlive by nothing cannot be renewed either. When a token has met its maximum shows
 * only then, so a lease is looked at again within each term of its token, by a renewal.
 */
export class Leases {
  readonly #session: Session;
  readonly #clock: ProviderHost["clock"];
  /** lease id -> the token that took it and what Vault granted first, until the lease ends on the monotonic clock */
  readonly #taken = new Map<string, { readonly token: TokenLife; readonly termMs: number; readonly endsAt: number }>();

  constructor(session: Session, { clock }: Pick<ProviderHost, "clock">) {
    this.#session = session;
    this.#clock = clock;
  }

  /** What an answer lends; undefined where nothing is: an engine without leases sends a duration as well, which is advice. */
  of(answer: VaultAnswer): Lease | undefined {
    const { leaseId: id, leaseDurationMs: durationMs, renewable } = answer;
    if (id === "" || durationMs <= 0) return undefined;
    return this.#held({ id, durationMs, renewable }, this.#session.tokenOf(answer));
  }

  /**
   * Asks for as long as the lease has lasted; Vault grants no more than the maximum of role, mount and system leaves.
   * @throws {SecretError} NOT_FOUND, definitive, for a lease that has ended; UNSUPPORTED `not-renewable`; PERMISSION_DENIED
   */
  async renew(lease: Lease, context: CallContext): Promise<Lease> {
    const termMs = this.#taken.get(lease.id)?.termMs ?? lease.durationMs;
    const json = { lease_id: lease.id, increment: Math.ceil(termMs / 1000) };
    const answer = await this.#change("sys/leases/renew", json, context);
    if (answer.status === 400) throw this.#refused(lease, answer);
    const { leaseDurationMs: durationMs, renewable } = answer;
    const token = this.#taken.get(lease.id)?.token ?? this.#session.tokenOf(answer);
    return this.#held({ id: lease.id, durationMs, renewable }, token, termMs);
  }

  /**
   * Ends a lease, and waits until its engine has taken the credential back: only then is it known what could not be.
   * @throws {SecretError} PERMISSION_DENIED; UNAVAILABLE where the engine cannot take it back now
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

  #held(lease: Lease, token: TokenLife | undefined, termMs: number = lease.durationMs): Lease {
    const now = this.#clock.monotonic();
    for (const [id, { endsAt }] of this.#taken) if (endsAt <= now) this.#taken.delete(id);
    if (token === undefined) return lease;
    this.#taken.set(lease.id, { token, termMs, endsAt: now + lease.durationMs });
    const tokenEndsInMs = token.endsInMs();
    if (tokenEndsInMs !== undefined && tokenEndsInMs <= lease.durationMs)
      return { ...lease, durationMs: Math.max(0, tokenEndsInMs), renewable: false };
    // One that cannot be renewed cannot be looked at again either.
    if (!lease.renewable || token.termMs === undefined) return lease;
    return { ...lease, durationMs: Math.min(lease.durationMs, token.termMs * shareOfTerm) };
  }

  #refused({ id }: Lease, answer: VaultAnswer): SecretError {
    if (!says(answer, ended)) return refused(answer);
    this.#taken.delete(id);
    return new SecretError("NOT_FOUND", "Vault does not know the lease any more: it has ended or was revoked", {
      definitive: true,
    });
  }
}

/**
 * A token is renewed when at least three tenths of its term are left, and a lease by the client after a third of its own, give
 * or take a tenth: so it is seen that the token has no more to come while some of it is left.
 */
const shareOfTerm = 0.8;
const ended = /lease (not found|expired)|invalid lease/i;

function refused(answer: VaultAnswer): SecretError {
  if (says(answer, /not renewable/i))
    return new SecretError("UNSUPPORTED", "Vault does not renew this lease", { reason: "not-renewable" });
  return new SecretError("INTERNAL", "Vault refused with 400 to change a lease", { reason: "unexpected-status" });
}

function denied(path: string, { reason }: SecretError): SecretError {
  return new SecretError("PERMISSION_DENIED", `no policy of the token allows ${path}`, {
    reason,
    tip: `Grant "update" on "${path}". Vault's default policy has it for sys/leases/renew alone.`,
  });
}
