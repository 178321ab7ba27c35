import { setImmediate as turn } from "node:timers/promises";
import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row, ratio } from "./bench.ts";
import { requestsUnderWay } from "./measure/handles.ts";
import { heapAfterCollection } from "./measure/heap.ts";
import { nodeVaultClient, tacitClient } from "./peers/vault-clients.ts";
import type { Application } from "./vault/application.ts";
import { type BenchVault, openBenchVault } from "./vault/bench-vault.ts";

const own = "Tacit, declared";
const peer = "node-vault, a Map of its answers";
const names = Array.from({ length: 1_000 }, (_, index) => `many${index}`);
const fewNames = names.slice(0, 10);
const valueAt = (name: string): string => `s3cret-fixture-${name}`;
const hourMs = 3_600_000;
/** Requests take real time, in which the clock stands: a step must be short against the deadline of a read, 10 s. */
const stepMs = 1_000;

/** V2: a thousand secrets of one Vault, held and kept fresh for an hour of a clock that does not wait. */
export const bench: Bench = {
  id: "vault-many",
  title: "1,000 secrets of one Vault",
  flags: ["--expose-gc"],
  repeats: 1,
  timeoutMs: 180_000,
  async run() {
    const absent: Absence[] = [];
    await using vault = await openBenchVault(absent);
    if (vault === undefined) return { rows: [], goals: {}, absent };
    const { administrator } = vault;
    const application = await administrator.createApplication("many");
    for (const name of names) await administrator.writeSecret(application, name, valueAt(name));
    const weights = new Map<string, Load>();
    for (const [contender, load] of loads) {
      // A few first, so that code and constant parts are there.
      const weight = await orAbsent(contender, absent, async () => {
        await using _few = await load(vault.url, application, fewNames);
        return await weigh(() => load(vault.url, application, names));
      });
      if (weight !== undefined) weights.set(contender, weight);
    }
    const calls = await orAbsent(`${own}, an hour`, absent, () => hourOf(vault, application));
    return report(weights, calls, absent);
  },
};

/** What holding a thousand secrets takes. */
interface Load {
  readonly heapBytes: number;
  readonly wallMs: number;
}
/** Loads secrets and holds them until it is disposed. */
type Loader = (url: string, application: Application, wanted: readonly string[]) => Promise<AsyncDisposable>;

const loads: ReadonlyMap<string, Loader> = new Map<string, Loader>([
  [peer, nodeVaultMap],
  [own, (url, application, wanted) => tacit(url, application, wanted)],
]);

async function weigh(load: () => Promise<AsyncDisposable>): Promise<Load> {
  const before = heapAfterCollection();
  const begin = performance.now();
  await using _held = await load();
  const wallMs = performance.now() - begin;
  return { heapBytes: heapAfterCollection() - before, wallMs };
}

async function nodeVaultMap(
  url: string,
  application: Application,
  wanted: readonly string[],
): Promise<AsyncDisposable> {
  const client = await nodeVaultClient(url, application);
  const held = new Map<string, { data: { data: { value: string } } }>();
  await Promise.all(wanted.map(async (name) => held.set(name, await client.read(`${application.mount}/data/${name}`))));
  if (wanted.some((name) => held.get(name)?.data.data.value !== valueAt(name))) throw new Error("a read was wrong");
  return { [Symbol.asyncDispose]: async () => held.clear() };
}

async function tacit(
  url: string,
  application: Application,
  wanted: readonly string[],
  clock?: Parameters<typeof tacitClient>[2],
): ReturnType<typeof tacitClient> {
  const declare = Object.fromEntries(wanted.map((name) => [name, { ref: `${name}#value` }]));
  const secrets = await tacitClient(url, application, { ...clock, declare });
  await secrets.ready({ timeout: "60s" });
  if (wanted.some((name) => secrets.latest(name).reveal() !== valueAt(name))) throw new Error("a read was wrong");
  return secrets;
}

/** What the audit device noted within an hour after the first load. */
interface Calls {
  readonly secrets: number;
  /** For the token: its renewals. */
  readonly others: number;
}

/** The client's real scheduler and provider, and a real Vault; only the waiting between them is left out. */
async function hourOf({ url, requests }: BenchVault, application: Application): Promise<Calls> {
  const { manualClock } = await import("@tacit/core/testing");
  const clock = manualClock(new Date());
  using underWay = requestsUnderWay();
  const settled = async (): Promise<void> => {
    do for (let turns = 0; turns < 10; turns++) await turn();
    while (underWay.count > 0);
  };
  await using _secrets = await tacit(url, application, names, { clock });
  const ofSecrets = new RegExp(`^${application.mount}/`);
  const ofToken = /^auth\//;
  const before = { secrets: requests(ofSecrets), others: requests(ofToken) };
  for (let passed = 0; passed < hourMs; passed += stepMs) {
    await clock.advance(stepMs);
    await settled();
  }
  return { secrets: requests(ofSecrets) - before.secrets, others: requests(ofToken) - before.others };
}

function report(weights: ReadonlyMap<string, Load>, calls: Calls | undefined, absent: readonly Absence[]): BenchReport {
  const rows = [...weights].map(([contender, { heapBytes, wallMs }]): Row => {
    const counted = contender === own ? calls : undefined;
    return {
      group: "1,000 secrets of one Vault",
      contender,
      values: {
        "heap B per secret": heapBytes / names.length,
        "first load ms": wallMs,
        ...(counted === undefined ? {} : { "calls/h/secret": counted.secrets / names.length }),
        ...(counted === undefined ? {} : { "calls/h for the token": counted.others }),
      },
    };
  });
  const goals = measured({
    "V2.calls": ratio(calls?.secrets, names.length),
    "V2.heap": ratio(weights.get(own)?.heapBytes, weights.get(peer)?.heapBytes),
  });
  return { rows, goals, absent };
}
