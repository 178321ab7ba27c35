import type { CallContext, Lease, Provider } from "../contract/contract.ts";
import { isLease, noLease, plainLease } from "../contract/lease.ts";
import { SecretError } from "../error/secret-error.ts";
import { Attempts } from "../provider/attempt.ts";
import type { ProviderDependencies } from "../provider/provider-host.ts";

/**
 * What a client asks of a provider about leases. These calls do not queue behind reads: a renewal that comes late is a
 * credential lost. A revocation also runs while the client closes, when everything else has ended.
 */
export class LeaseCalls {
  readonly #name: string;
  readonly #provider: () => Provider | undefined;
  readonly #renewals: Attempts;
  readonly #revocations: Attempts;

  constructor(
    name: string,
    { scheduler, closed, redactor }: ProviderDependencies,
    provider: () => Provider | undefined,
  ) {
    const redact = (text: string): string => redactor.redact(text);
    this.#name = name;
    this.#provider = provider;
    this.#renewals = new Attempts({ provider: name, scheduler, closed, redact });
    this.#revocations = new Attempts({ provider: name, scheduler, closed: new AbortController().signal, redact });
  }

  get canRenew(): boolean {
    return this.#provider()?.renew !== undefined;
  }

  /** Known once the provider is open. */
  isDynamic(path: string): boolean {
    try {
      return this.#provider()?.isDynamic?.(path) === true;
    } catch {
      // A lease in its answer still says so.
      return false;
    }
  }

  /** @throws {SecretError} NOT_FOUND when the store does not know it any more */
  async renew(lease: Lease): Promise<Lease> {
    return await this.#renewals.run(async (context) => {
      const granted = await this.#open().renew?.(lease, context);
      if (isLease(granted)) return plainLease(granted);
      throw noLease(this.#name);
    });
  }

  /** @throws {SecretError} */
  async revoke(lease: Lease): Promise<void> {
    await this.#revocations.run(async (context: CallContext) => {
      const provider = this.#open();
      if (provider.revoke === undefined) throw unsupported(this.#name);
      await provider.revoke(lease, context);
    });
  }

  /** Ends the revocations that still run: the client has waited long enough, and tells of each. */
  abandon(): void {
    this.#revocations.end();
  }

  #open(): Provider {
    const provider = this.#provider();
    if (provider === undefined) throw unsupported(this.#name);
    return provider;
  }
}

function unsupported(provider: string): SecretError {
  return new SecretError("UNSUPPORTED", `provider "${provider}" cannot end a lease`, { provider, reason: "leases" });
}
