import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planFaults } from "../../test/file/chaos/fault-plan.ts";
import { pairOf } from "../../test/file/chaos/pair.ts";
import { type ReaderReport, startReader } from "../../test/file/chaos/reader.ts";
import { type KubeletWriter, startKubeletWriter } from "../../test/file/kubelet-writer.ts";

/** All of them in .ci/run, which takes half a minute. */
const seeds = process.env.TACIT_ALL_SEEDS === undefined ? [1] : [1, 2, 3, 4, 5];
const volumes = Array.from({ length: 16 }, (_, index) => `pair-${index}`);
const rotations = 10_000;
const faultRate = 0.3;
/** So many of the volumes are also read by a provider that hears nothing. */
const blind = 4;
/** Faults that last until the reader knows of them, on volumes that are told of: the last pair ends each. */
const [incomplete = "", closed = "", removed = ""] = volumes.slice(blind);
const lastFaults = [
  [incomplete, { do: "unlink-data" }, "stale"],
  [closed, { do: "chmod", mode: 0 }, "stale"],
  [removed, { do: "remove" }, "deleted"],
] as const;
/** After many failures in a row a client without events waits up to a minute. */
const pollBoundMs = 61_000;

test.each(seeds)(
  "a client over 16 volumes serves whole pairs in order and ends on the last ones (seed %i)",
  async (seed) => {
    await using home = openHome();
    await using writer = await startKubeletWriter(home.directory);
    await using reader = startReader();
    for (const volume of volumes) await writer.run([{ do: "write", fields: pairOf(volume, 0) }], volume);
    await reader.open(home.directory, volumes, blind);

    const plans = planFaults({ seed, volumes, rotations, faultRate });
    await Promise.all(plans.map(({ volume, steps }) => writer.run(steps, volume)));
    // Which of those the reader met depends on what else the machine does; of these it meets each.
    for (const [volume, step, state] of lastFaults) {
      await writer.run([step], volume);
      expect(await reader.state(volume, state, pollBoundMs), volume).toBe(state);
    }
    await writer.run([{ do: "chmod", mode: 0o755 }], closed);
    const finals = Object.fromEntries(plans.map(({ volume, newest }) => [volume, newest + 1]));
    const swappedAt = await writeFinals(writer, finals);
    const arrivals = await reader.final(finals, pollBoundMs);
    const report = await reader.close();
    const ended = await reader.ended;

    expect(
      arrivals.filter(({ isFinal }) => !isFinal),
      "the last value always arrives",
    ).toEqual([]);
    const delays = arrivals.flatMap(({ volume, isBlind, at }) => (isBlind ? [] : [at - (swappedAt[volume] ?? 0)]));
    expect(Math.max(...delays), "all of them told by an event, far sooner than a poll").toBeLessThan(pollBoundMs / 4);
    assertSound(report);
    expect(ended.code).toBe(0);
    expect(ended.printed).toBe("");
  },
  120_000,
);

function assertSound(report: ReaderReport): void {
  expect(report.violations).toEqual([]);
  expect(report.alarms).toEqual([]);
  expect(report.leaks).toEqual([]);
  expect(report.handlesAfter).toEqual(report.handlesBefore);
  for (const { alias, heard, changed, version } of report.aliases) {
    expect(heard, `${alias}: one change for each version that was adopted`).toEqual(changed);
    expect(heard.at(-1), `${alias}: the last change is what is served`).toBe(version);
  }
  expect(report.reads).toBeLessThanOrEqual(3 * rotations);
  expect(Object.keys(report.failures)).toEqual(
    expect.arrayContaining(["UNAVAILABLE/volume-incomplete", "PERMISSION_DENIED/file-permission"]),
  );
  expect(report.aliases.find(({ alias }) => alias === `told-${removed}`)?.returns).toBeGreaterThan(0);
}

/** Writes the last pair of each volume, with no fault any more; volume -> when it was published. */
async function writeFinals(
  writer: KubeletWriter,
  finals: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const written = Object.entries(finals).map(async ([volume, generation]) => {
    const [report] = await writer.run([{ do: "write", fields: pairOf(volume, generation) }], volume);
    return [volume, report?.swappedAt ?? Number.NaN] as const;
  });
  return Object.fromEntries(await Promise.all(written));
}

/** On tmpfs where there is one, as volumes are; open to a reader that is somebody else. */
function openHome(): { readonly directory: string } & AsyncDisposable {
  const directory = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tacit-client-chaos-"));
  fs.chmodSync(directory, 0o755);
  return {
    directory,
    async [Symbol.asyncDispose]() {
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}
