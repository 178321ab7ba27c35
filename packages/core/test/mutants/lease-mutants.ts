import type { Lease, Provider } from "../../src/contract/contract.ts";
import { SecretError } from "../../src/error/secret-error.ts";
import { answering, type Mutant } from "./mutant.ts";

/** Adapters that lease, and lose track of it. */
export const leaseMutants: readonly Mutant[] = [
  {
    name: "leases without renew and revoke",
    caughtBy: ["leases.declared"],
    provider: ({ renew: _renew, revoke: _revoke, ...provider }) => provider,
  },
  {
    name: "leases without saying so",
    caughtBy: ["leases.declared"],
    provider: (provider) => ({ ...provider, supports: { ...provider.supports, leases: false } }),
  },
  {
    name: "has its dynamic paths polled",
    caughtBy: ["leases.issued"],
    provider: (provider) => ({ ...provider, isDynamic: () => false }),
  },
  {
    name: "keeps the lease to itself",
    caughtBy: ["leases.issued", "leases.renew"],
    provider: answering(({ lease: _lease, ...result }) => result),
  },
  { name: "leases one value to all", caughtBy: ["leases.issued"], provider: leasingOnce },
  {
    name: "renews under another id",
    caughtBy: ["leases.renew"],
    provider: renewing(async (lease, context, provider) => ({
      ...(await provider.renew(lease, context)),
      id: `${lease.id}-renewed`,
    })),
  },
  {
    name: "grants nothing",
    caughtBy: ["leases.renew"],
    provider: renewing(async (lease, context, provider) => ({
      ...(await provider.renew(lease, context)),
      durationMs: 0,
    })),
  },
  {
    name: "renews what has ended",
    caughtBy: ["leases.expired", "leases.revoke"],
    provider: renewing((lease, context, provider) => provider.renew(lease, context).catch(() => lease)),
  },
  {
    name: "is not sure that a lease has ended",
    caughtBy: ["leases.expired"],
    provider: renewing((lease, context, provider) =>
      provider.renew(lease, context).catch(() => {
        throw new SecretError("NOT_FOUND", "no such lease", { definitive: false });
      }),
    ),
  },
  {
    name: "fails to revoke what it has revoked",
    caughtBy: ["leases.revoke"],
    provider: (provider) => {
      const revoked = new Set<string>();
      return {
        ...provider,
        async revoke(lease, context) {
          if (revoked.has(lease.id)) throw new SecretError("NOT_FOUND", "no such lease", { definitive: true });
          revoked.add(lease.id);
          await provider.revoke?.(lease, context);
        },
      };
    },
  },
  {
    name: "revokes everything at once",
    caughtBy: ["leases.revoke"],
    provider: (provider, store) => ({ ...provider, revoke: async () => store.leases.clear() }),
  },
  {
    name: "does not look at the signal of a renewal",
    caughtBy: ["leases.abort"],
    provider: renewing((lease, _context, provider) => provider.renew(lease, { signal: new AbortController().signal })),
  },
  {
    name: "revokes after close",
    caughtBy: ["leases.closed"],
    provider: (provider, store) => ({ ...provider, revoke: async ({ id }) => void store.leases.delete(id) }),
  },
];

type Leasing = Required<Pick<Provider, "renew">>;

function renewing(
  renew: (lease: Lease, context: Parameters<Leasing["renew"]>[1], provider: Leasing) => Promise<Lease>,
): NonNullable<Mutant["provider"]> {
  return (provider) => {
    const healthy = provider.renew?.bind(provider);
    if (healthy === undefined) return provider;
    return { ...provider, renew: (lease, context) => renew(lease, context, { renew: healthy }) };
  };
}

/** The lease is new each time, what it is for is not. */
function leasingOnce(provider: Provider): Provider {
  let first: Extract<Awaited<ReturnType<Provider["get"]>>, { status: "ok" }> | undefined;
  return {
    ...provider,
    async get(request, context) {
      const result = await provider.get(request, context);
      if (result.status !== "ok" || result.lease === undefined) return result;
      first ??= result;
      return { ...result, payload: first.payload };
    },
  };
}
