import type { AtomicStep, WriterStep } from "../kubelet-writer.ts";
import { pairOf, unpublished } from "./pair.ts";
import { seededRandom } from "./seeded-random.ts";

/** What a plan is made of. */
export interface FaultPlanOptions {
  readonly seed: number;
  readonly volumes: readonly string[];
  /** Over all volumes. */
  readonly rotations: number;
  /** How many rotations in a hundred go wrong on their way, as a share. */
  readonly faultRate: number;
}

/** What one volume goes through. */
export interface VolumePlan {
  readonly volume: string;
  readonly steps: readonly WriterStep[];
  /** The newest generation that the steps publish; they publish each before it, in order. */
  readonly newest: number;
}

/** Deals rotations out to volumes, each with a fault or without; the same seed makes the same plan. */
export function planFaults({ seed, volumes, rotations, faultRate }: FaultPlanOptions): readonly VolumePlan[] {
  const random = seededRandom(seed);
  const plans = volumes.map((volume) => ({ volume, steps: [] as WriterStep[], newest: 0 }));
  for (let done = 0; done < rotations; ) {
    const plan = plans[Math.floor(random() * plans.length)];
    if (plan === undefined) break;
    const rotate = (): WriterStep => {
      done += 1;
      plan.newest += 1;
      return { do: "write", fields: pairOf(plan.volume, plan.newest) };
    };
    if (random() < faultRate) plan.steps.push(...faultyRotation(plan.volume, rotate, random));
    else if (random() < burstRate) plan.steps.push(...Array.from({ length: Math.min(40, rotations - done) }, rotate));
    else plan.steps.push(rotate(), { do: "pause", ms: Math.floor(random() * 3) });
  }
  return plans;
}

/** One in this many rotations begins a burst of 40 without a pause. */
const burstRate = 1 / 100;
/** One fault in this many lasts until the client believes it: longer than the adapter waits for a writer. */
const longRate = 1 / 150;
const longMs = 1200;

/** A rotation that goes wrong in one of the ways that volumes do; the last step leaves the volume whole. */
function faultyRotation(volume: string, rotate: () => WriterStep, random: () => number): readonly WriterStep[] {
  const isLong = random() < longRate;
  const pause: WriterStep = { do: "pause", ms: isLong ? longMs : Math.floor(random() * 4) };
  const die = (crashAfter: AtomicStep): WriterStep => ({
    do: "write",
    fields: pairOf(volume, unpublished),
    crashAfter,
  });
  const rotateAnd = (more: object): WriterStep => ({ ...rotate(), ...more }) as WriterStep;
  /** What a client can only wait for. */
  const outages: readonly (() => readonly WriterStep[])[] = [
    () => [{ do: "unlink-data" }, pause, rotate()],
    () => [{ do: "remove" }, pause, rotate()],
    () => [{ do: "remove" }, { do: "create" }, pause, rotate()],
    () => [{ do: "chmod", mode: 0 }, pause, { do: "chmod", mode: 0o755 }, rotate()],
  ];
  const slips: readonly (() => readonly WriterStep[])[] = [
    () => [die("directory"), pause, rotate()],
    () => [die("half-tree"), pause, rotate()],
    () => [die("tree"), pause, rotate()],
    () => [die("temporary-link"), pause, { do: "clean" }, rotate()],
    () => [rotateAnd({ crashAfter: "swap" }), pause],
    () => [rotateAnd({ crashAfter: "unlinks" }), pause],
    () => [rotateAnd({ order: "legacy" }), pause],
    () => [{ do: "remove" }, rotate(), pause],
    () => [...unreadable(pause), rotate(), pause],
    () => [rotate(), { do: "chmod", path: "password", mode: 0 }, pause, { do: "chmod", path: "password", mode: 0o644 }],
    () => [rotate(), { do: "chmod", path: ".", mode: 0 }, pause, { do: "chmod", path: ".", mode: 0o755 }],
    () => [rotateAnd({ fields: { username: pairOf(volume, unpublished).username } }), pause, rotate()],
  ];
  const faults = isLong ? outages : [...outages, ...slips];
  return faults[Math.floor(random() * faults.length)]?.() ?? [];
}

/** Made anew, and closed to the reader for a while. */
function unreadable(pause: WriterStep): readonly WriterStep[] {
  return [{ do: "remove" }, { do: "create" }, { do: "chmod", mode: 0 }, pause, { do: "chmod", mode: 0o755 }];
}
