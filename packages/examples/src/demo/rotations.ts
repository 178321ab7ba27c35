import { setTimeout as pause } from "node:timers/promises";
import type { Ledger } from "./ledger.ts";
import { type LoadTally, startLoad } from "./load.ts";
import type { MountedVolume } from "./mounted-volume.ts";
import type { Screen } from "./screen.ts";
import type { ServiceProcess } from "./service-process.ts";

const rotations = 8;
const requestsInFlight = 8;
const betweenMs = 300;
const columns = [8, 10, 21, 10, 13] as const;

/** What came of it. */
export interface RotationReport extends Readonly<LoadTally> {
  readonly rotations: number;
  /** From the rename that publishes a version to the listener in the service; in order, milliseconds. */
  readonly delaysMs: readonly number[];
}

/** Rotates the pair while requests are in flight, and prints a row for each rotation. */
export async function rotateUnderLoad(
  screen: Screen,
  ledger: Ledger,
  volume: MountedVolume,
  service: ServiceProcess,
  url: URL,
): Promise<RotationReport> {
  await using load = startLoad(url, ledger.versions, requestsInFlight);
  const { tally } = load;
  const delaysMs: number[] = [];
  const show = (): void => screen.progress("rotating the pair under load", `${tally.answered} requests answered`);
  show();
  const ticking = setInterval(show, 100);
  try {
    screen.print(row(["rotation", "version", "rename to listener", "requests", "mixed pairs"]));
    for (let rotation = 1; rotation <= rotations; rotation += 1) {
      const { answered, mixed } = tally;
      await pause(betweenMs);
      const { swappedAt } = await volume.write({ ...ledger.issue() });
      const { version, heardAt } = await service.line("rotated", rotation);
      // The clocks of two processes differ by a little, so a prompt listener may seem to be early.
      const delayMs = Math.max(0, heardAt - swappedAt);
      delaysMs.push(delayMs);
      await ledger.expectNewest(url);
      const cells = [version.slice(0, 8), milliseconds(delayMs), tally.answered - answered];
      screen.print(row([rotation, ...cells, tally.mixed - mixed]));
    }
  } finally {
    clearInterval(ticking);
  }
  await load.stop();
  return { ...tally, rotations, delaysMs };
}

/** With one decimal; less is below what the clocks of two processes agree on. */
export function milliseconds(duration: number): string {
  return duration < 0.05 ? "<0.1 ms" : `${duration.toFixed(1)} ms`;
}

function row(cells: readonly (string | number)[]): string {
  return `  ${cells.map((cell, index) => String(cell).padStart(columns[index] ?? 0)).join("")}`;
}
