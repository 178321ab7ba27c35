import type { CallContext, Lease, Provider } from "../contract/contract.ts";
import { expectCode, expectThat, rejection, samePayload, within } from "./assertions.ts";
import { type CaseFamily, needs, type Subject, type Trial } from "./case.ts";
import { closeProvider, type OkResult, type Session, withSession } from "./session.ts";

/** Cases: a leased value has its lease, which can be renewed until it ends and revoked at any time. */
export const leaseCases: CaseFamily = (subject) => [
  {
    id: "leases.declared",
    title: "supports.leases equals that of the provider, and renew and revoke exist if it is set",
    async run(trial) {
      await withSession(trial, async ({ provider }) => {
        const leases = trial.supports.leases === true;
        expectThat(
          (provider.supports.leases === true) === leases,
          `the provider's own supports.leases is not ${leases}`,
        );
        if (!leases) return;
        expectThat(provider.renew !== undefined, "supports.leases is set, but there is no renew");
        expectThat(provider.revoke !== undefined, "supports.leases is set, but there is no revoke");
      });
    },
  },
  {
    id: "leases.issued",
    title: "a path that leases is dynamic, and each read of it returns a new value under a new lease",
    skip: notLeasing(subject),
    run: (trial) =>
      withLoans(trial, async ({ provider }, path, first, second) => {
        expectThat(provider.isDynamic?.(path) === true, "isDynamic is not true of a path that leases");
        expectThat(first.lease.id !== second.lease.id, "two reads returned the same lease");
        expectThat(!samePayload(first.payload, second.payload), "two reads returned the same leased value");
      }),
  },
  {
    id: "leases.renew",
    title: "a renewal keeps the lease's id, grants some time, and can be repeated",
    skip: notLeasing(subject),
    run: (trial) =>
      withLoans(trial, async ({ provider }, _path, { lease }) => {
        const renewed = await renew(provider, await renew(provider, lease));
        expectThat(renewed.id === lease.id, "a renewal answered with another id");
        expectThat(renewed.durationMs > 0, "a renewal granted no time");
      }),
  },
  {
    id: "leases.expired",
    title: "renewing a lease that has ended is a definitive NOT_FOUND, and leaves others alone",
    skip: notLeasing(subject) ?? needs(subject, "expireLease"),
    run: (trial) =>
      withLoans(trial, async ({ provider }, _path, first, second) => {
        await trial.harness.expireLease?.(first.lease);
        await expectLapsed(provider, first.lease);
        await renew(provider, second.lease);
      }),
  },
  {
    id: "leases.revoke",
    title: "a revoked lease has ended and no other has; revoking it again, or twice at once, succeeds",
    skip: notLeasing(subject),
    run: (trial) =>
      withLoans(trial, async ({ provider }, _path, first, second) => {
        await Promise.all([revoke(provider, first.lease), revoke(provider, first.lease)]);
        await revoke(provider, first.lease);
        await expectLapsed(provider, first.lease);
        await renew(provider, second.lease);
      }),
  },
  {
    id: "leases.abort",
    title: "a renewal and a revocation that are aborted before they begin reject with the signal's reason",
    skip: notLeasing(subject),
    run: (trial) =>
      withLoans(trial, async ({ provider }, _path, { lease }) => {
        const reason = new Error("nobody waits");
        const signal = AbortSignal.abort(reason);
        for (const call of [renew, revoke]) {
          const thrown = await rejection(call(provider, lease, { signal }), "an aborted call");
          expectThat(thrown === reason, "an aborted call rejects with something other than the signal's reason");
        }
        await renew(provider, lease);
      }),
  },
  {
    id: "leases.closed",
    title: "renewing and revoking after close is CLOSED",
    skip: notLeasing(subject),
    run: (trial) =>
      withLoans(trial, async ({ provider }, _path, { lease }) => {
        await closeProvider(provider);
        await expectCode(renew(provider, lease), "CLOSED", "renew after close");
        await expectCode(revoke(provider, lease), "CLOSED", "revoke after close");
      }),
  },
];

type Loan = OkResult & { readonly lease: Lease };

function notLeasing(subject: Subject): string | undefined {
  return subject.supports.leases === true ? needs(subject, "leasePath") : "supports.leases is not set";
}

/** Runs with two reads of one path that leases. */
async function withLoans(
  trial: Trial,
  run: (session: Session, path: string, first: Loan, second: Loan) => Promise<void>,
): Promise<void> {
  const path = await (trial.harness.leasePath?.(trial.label) ?? Promise.reject(new Error("no leasePath")));
  await withSession(trial, async (session) => {
    await run(session, path, expectLoan(await session.read(path)), expectLoan(await session.read(path)));
  });
}

function expectLoan(result: OkResult): Loan {
  const { lease } = result;
  expectThat(lease !== undefined, "a leased value came without a lease");
  expectThat(typeof lease.id === "string" && lease.id !== "", "the id of a lease is not a non-empty string");
  expectThat(lease.durationMs > 0, "a lease has no duration");
  expectThat(lease.renewable === true, "a lease that can be renewed says that it cannot");
  return { ...result, lease };
}

async function expectLapsed(provider: Provider, lease: Lease): Promise<void> {
  const { definitive } = await expectCode(renew(provider, lease), "NOT_FOUND", "renew of a lease that has ended");
  expectThat(definitive === true, "NOT_FOUND of a lease that has ended is not definitive");
}

function renew(provider: Provider, lease: Lease, context: CallContext = calm()): Promise<Lease> {
  return within(provider.renew?.(lease, context) ?? Promise.reject(new Error("no renew")), "renew");
}

function revoke(provider: Provider, lease: Lease, context: CallContext = calm()): Promise<void> {
  return within(provider.revoke?.(lease, context) ?? Promise.reject(new Error("no revoke")), "revoke");
}

function calm(): CallContext {
  return { signal: new AbortController().signal };
}
