import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row } from "./bench.ts";
import { sharedNow } from "./double/writer.ts";
import { median } from "./measure/median.ts";
import { followerNames } from "./peers/vault-followers.ts";
import type { Application } from "./vault/application.ts";
import { type BenchVault, openBenchVault } from "./vault/bench-vault.ts";
import { startConnectionProxy } from "./vault/connection-proxy.ts";
import { type FollowerProcess, startFollower } from "./vault/follower-process.ts";
import { ownFaults, type VaultFault, vaultFaults } from "./vault/vault-faults.ts";

const { tacit, wrapped, alone } = followerNames;
/** contender -> how many of it suffer a fault, whose median counts: only Tacit draws its pauses at random */
const copies: ReadonlyMap<string, number> = new Map([
  [tacit, 3],
  [wrapped, 1],
  [alone, 1],
]);
const name = "db";
const patienceMs = 60_000;
/** Five processes per fault start at once. */
const startMs = 60_000;
const valueAfter = (writes: number): string => `s3cret-fixture-${writes}`;

/** contender -> seconds from the write after the fault until it had read it; `null`: not in time */
type Recovery = Readonly<Record<string, number | null>>;

/**
 * V4: what is broken, mended, and then written, until the new value is read. All contenders of a fault suffer it together;
 * faults of one application happen side by side, those of the server one after the other on a second one.
 */
export const bench: Bench = {
  id: "vault-recovery",
  title: "Recovery of reads of Vault",
  repeats: 1,
  timeoutMs: 420_000,
  async run() {
    const absent: Absence[] = [];
    await using shared = await openBenchVault(absent);
    await using faulty = shared === undefined ? undefined : await openBenchVault(absent);
    if (shared === undefined || faulty === undefined) return { rows: [], goals: {}, absent };
    const own = Promise.all(ownFaults.map((fault, index) => recover(shared, fault, `own-${index}`, absent)));
    const ofServer: (Recovery | undefined)[] = [];
    for (const [index, fault] of vaultFaults.entries()) {
      ofServer.push(await recover(faulty, fault, `server-${index}`, absent));
    }
    return report([...(await own), ...ofServer], absent);
  },
};

function recover(
  vault: BenchVault,
  fault: VaultFault,
  application: string,
  absent: Absence[],
): Promise<Recovery | undefined> {
  return orAbsent(fault.title, absent, async () => {
    await using stack = new AsyncDisposableStack();
    const proxy = stack.use(await startConnectionProxy(vault.url));
    const who = await vault.administrator.createApplication(application);
    await vault.administrator.writeSecret(who, name, valueAfter(0));
    if (fault.kind === "lease") await vault.administrator.mountAuthority(who);
    const followers = [...copies].flatMap(([contender, count]) =>
      Array.from({ length: count }, (): Following => {
        const settings = { contender, kind: fault.kind, url: proxy.url, application: who, name };
        return { contender, follower: stack.use(startFollower(settings)) };
      }),
    );
    const isLease = fault.kind === "lease";
    for (const writes of isLease ? [0] : [0, 1]) {
      if (writes > 0) await vault.administrator.writeSecret(who, name, valueAfter(writes));
      const before = await waits(followers, writes, sharedNow(), startMs);
      const idle = Object.keys(before).find((contender) => before[contender] === null);
      if (idle !== undefined) throw new Error(`${idle}: did not work before the fault`);
    }
    await fault.happen({ vault, application: who, proxy });
    // A second credential, or a third value.
    const next = isLease ? 1 : 2;
    return await waits(followers, next, isLease ? sharedNow() : await written(vault, who, next), patienceMs);
  });
}

interface Following {
  readonly contender: string;
  readonly follower: FollowerProcess;
}

/** A server that has come back may need another moment to take writes. */
async function written({ administrator }: BenchVault, application: Application, writes: number): Promise<number> {
  for (const deadline = performance.now() + 10_000; ; ) {
    const askedAt = sharedNow();
    try {
      await administrator.writeSecret(application, name, valueAfter(writes));
      return askedAt;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

async function waits(
  followers: readonly Following[],
  writes: number,
  since: number,
  timeoutMs: number,
): Promise<Recovery> {
  const told = followers.map(async ({ contender, follower }) => {
    const seenAt = (await follower.seen(valueAfter(writes), timeoutMs)) ?? Number.POSITIVE_INFINITY;
    return { contender, seconds: Math.max(0, seenAt - since) / 1_000 };
  });
  const byContender = Map.groupBy(await Promise.all(told), ({ contender }) => contender);
  const middles = [...byContender].map(([contender, own]) => [contender, median(own.map(({ seconds }) => seconds))]);
  return Object.fromEntries(
    middles.map(([contender, wait]) => [contender, Number.isFinite(wait) ? Number(wait) : null]),
  );
}

function report(recoveries: readonly (Recovery | undefined)[], absent: readonly Absence[]): BenchReport {
  const rows: Row[] = [];
  let missed = 0;
  for (const [index, { title }] of [...ownFaults, ...vaultFaults].entries()) {
    const recovery = recoveries[index];
    if (recovery === undefined) continue;
    if (recovery[tacit] === null) missed += 1;
    rows.push({
      group: "Seconds until the next value is read, or work succeeds, after ...",
      contender: title,
      values: recovery,
      unended: `not within ${patienceMs / 1_000}`,
    });
  }
  return { rows, goals: measured({ "V4.missed": missed }), absent };
}
