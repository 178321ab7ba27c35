import type { Lease, Provider } from "../contract/contract.ts";
import { isLease, noLease, plainLease } from "../contract/lease.ts";
import { SecretError } from "../error/secret-error.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";

/**
 * Makes the calls of a client to a provider about leases. They do not queue behind reads, because a late renewal loses the
 * credential. A revocation also runs while the client closes, after all other calls have ended.
 */
export class LeaseCalls {
  readonly provider: ConfiguredProvider;

  constructor(provider: ConfiguredProvider) {
    this.provider = provider;
  }

  get canRenew(): boolean {
    return this.provider.opened?.renew !== undefined;
  }

  /** Whether the store issues a new credential at each read of the path. Known once the provider is open. */
  isDynamic(path: string): boolean {
    return this.provider.isDynamic(path);
  }

  /** @Renews a lease.
@throws {SecretError} NOT_FOUND if the store no longer knows the lease; errors of the call longer knows it */
  async renew(lease: Lease): Promise<Lease> {
    return await this.provider.attempt(async (context) => {
      const granted = await this.#opened().renew?.(plainLease(lease), context);
      if (isLease(granted)) return plainLease(granted);
      throw noLease(this.provider.name);
    });
  }

  /**
   * Ends a lease at the store.
   * @throws {SecretError} UNSUPPORTED if the provider cannot end leases; errors of the call
   */
  async revoke(lease: Lease): Promise<void> {
    await this.provider.lastAttempt(async (context) => {
      const provider = this.#opened();
      if (provider.revoke === undefined) throw unsupported(this.provider.name);
      await provider.revoke(plainLease(lease), context);
    });
  }

  #opened(): Provider {
    const { opened, name } = this.provider;
    if (opened === undefined) throw unsupported(name);
    return opened;
  }
}

function unsupported(provider: string): SecretError {
  return new SecretError("UNSUPPORTED", `provider "${provider}" cannot end a lease`, { provider, reason: "leases" });
}
