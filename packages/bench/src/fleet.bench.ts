import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row } from "./bench.ts";
import { seededRandom } from "./measure/random.ts";
import { tacitOutage, tacitRefreshes } from "./peers/fleet-tacit.ts";
import { type NextAttempt, type NextRefresh, refreshPolicies, retryPolicies } from "./peers/refresh-policies.ts";

/** The moments of all calls of one client, in seconds. */
type Calls = readonly number[];

const clients = 1_000;
const hour = 3_600;
const outage = 120;
const seed = 42;
const own = "Tacit";

/** P22 and P23: a thousand clients on a virtual clock, all started within one second. */
export const bench: Bench = {
  id: "fleet",
  title: "A fleet of 1,000 clients",
  repeats: 1,
  timeoutMs: 240_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    for (const [name, next] of refreshPolicies)
      rows.push(
        steadyRow(
          name,
          simulate((random) => steady(next, random)),
        ),
      );
    const refreshes = await orAbsent(`${own}, steady`, absent, () => fleet(tacitRefreshes));
    if (refreshes !== undefined) rows.push(steadyRow(own, refreshes));
    for (const [name, next] of retryPolicies)
      rows.push(
        outageRow(
          name,
          simulate((random) => struggle(next, random)),
        ),
      );
    const struggles = await orAbsent(`${own}, outage`, absent, () => fleet(tacitOutage));
    if (struggles !== undefined) rows.push(outageRow(own, struggles));
    return { rows, goals: goalsOf(rows.filter(({ contender }) => contender === own)), absent };
  },
};

function simulate(one: (random: () => number) => Calls): readonly Calls[] {
  const random = seededRandom(seed);
  return Array.from({ length: clients }, () => one(random));
}

async function fleet(one: (random: () => number, start: number) => Promise<Calls>): Promise<readonly Calls[]> {
  const random = seededRandom(seed);
  const calls: Calls[] = [];
  for (let index = 0; index < clients; index++) calls.push(await one(random, random()));
  return calls;
}

function steady(next: NextRefresh, random: () => number): Calls {
  const calls: number[] = [];
  for (let moment = random(); moment < hour; moment += next(random)) calls.push(moment);
  return calls;
}

function struggle(next: NextAttempt, random: () => number): Calls {
  const calls: number[] = [];
  let moment = random();
  for (let failure = 0; ; failure++) {
    calls.push(moment);
    if (moment >= outage) return calls;
    moment += next(failure, random);
  }
}

function steadyRow(contender: string, calls: readonly Calls[]): Row {
  const second = perSecond(calls).slice(hour / 2, hour);
  const mean = second.reduce((sum, count) => sum + count, 0) / second.length;
  // What a fixed ttl costs is 11 calls in the first hour: the load at the start is no refresh.
  const total = calls.reduce((sum, one) => sum + one.length - 1, 0);
  return {
    group: "Refresh of a 300 s ttl, 1,000 clients",
    contender,
    values: {
      "refreshes/h/client": total / clients,
      "peak/s": Math.max(...second),
      "peak / mean": Math.max(...second) / mean,
    },
  };
}

function outageRow(contender: string, calls: readonly Calls[]): Row {
  const second = perSecond(calls);
  const recovered = calls.map((one) => one.find((moment) => moment >= outage) ?? Number.POSITIVE_INFINITY);
  return {
    group: "Outage of 120 s, 1,000 clients",
    contender,
    values: {
      "requests in outage": calls.reduce((sum, one) => sum + one.filter((moment) => moment < outage).length, 0),
      "peak/s in outage": Math.max(...second.slice(0, outage)),
      "peak/s after": Math.max(0, ...second.slice(outage)),
      "last recovered s": Math.max(...recovered) - outage,
    },
  };
}

function perSecond(calls: readonly Calls[]): readonly number[] {
  const counts = Array.from({ length: hour }, () => 0);
  for (const moment of calls.flat()) {
    const second = Math.floor(moment);
    if (second < hour) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

function goalsOf([first, second]: readonly Row[]): BenchReport["goals"] {
  return measured({
    "P22.peak": first?.values["peak / mean"],
    "P22.calls": first?.values["refreshes/h/client"],
    "P23.requests": second?.values["requests in outage"],
    "P23.peak": second?.values["peak/s after"],
    "P23.recovered": second?.values["last recovered s"],
  });
}
