import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import { createVolume, filesOf, pairKeys, temporaryRoot } from "./double/atomic-volume.ts";
import { sharedNow, startWriter } from "./double/writer.ts";
import { type OnPair, type PairReader, pairReaders } from "./peers/pair-readers.ts";

const rotations = 10_000;

/** P8: ten thousand rotations of a user name and its password, back to back, under a reader that never rests. */
export const bench: Bench = {
  id: "pair",
  title: "Pairs under rotation",
  repeats: 1,
  timeoutMs: 150_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    for (const [contender, reader] of pairReaders) {
      const values = await orAbsent(contender, absent, () => storm(reader));
      if (values !== undefined) rows.push({ group: "Pairs in 10,000 rotations", contender, values });
    }
    const tacit = rows.find(({ contender }) => contender === "Tacit latest and watch")?.values;
    const goals = measured({
      "P8.torn": tacit?.torn,
      "P8.backwards": tacit?.["steps back"],
      "P8.final": tacit === undefined ? undefined : (tacit["final after ms"] ?? Number.POSITIVE_INFINITY),
    });
    return { rows, goals, absent };
  },
};

async function storm(open: PairReader): Promise<Row["values"]> {
  const root = temporaryRoot();
  const directory = join(root, "db");
  createVolume(directory, filesOf(pairKeys, 0));
  const tally = new Tally();
  const stop = await open(directory, tally.see);
  await using writer = startWriter();
  const renamedAt = await writer.order({ kind: "burst", directory, from: 1, rotations });
  const until = performance.now() + 2_000;
  while (tally.finalAt === undefined && performance.now() < until) await sleep(1);
  await stop();
  rmSync(root, { recursive: true, force: true });
  return {
    reads: tally.reads,
    torn: tally.torn,
    "steps back": tally.backwards,
    "final after ms": tally.finalAt === undefined ? null : Math.max(0, tally.finalAt - renamedAt),
  };
}

/** Counts what a reader saw. */
class Tally {
  reads = 0;
  torn = 0;
  backwards = 0;
  finalAt: number | undefined;
  #newest = 0;

  readonly see: OnPair = (username, password) => {
    this.reads++;
    const left = generationOf(username);
    const right = generationOf(password);
    if (left !== right) this.torn++;
    if (Math.min(left, right) < this.#newest) this.backwards++;
    this.#newest = Math.max(this.#newest, left, right);
    if (left === rotations && right === rotations) this.finalAt ??= sharedNow();
  };
}

function generationOf(value: string): number {
  return Number(value.slice(value.lastIndexOf("-") + 1));
}
