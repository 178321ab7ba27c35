import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conformanceHost } from "@tacit/core/conformance";
import { isSecretError, type ProviderResult } from "@tacit/core/provider";
import { expect, test } from "vitest";
import { seededRandom } from "../../test/file/chaos/seeded-random.ts";
import { startKubeletWriter, type WriterStep } from "../../test/file/kubelet-writer.ts";
import { createStrictFileSystem } from "../../test/file/strict-file-system.ts";
import { openFileProvider } from "./provider.ts";

const rotations = 2000;
const faultRate = 0.3;

/** The pair of one generation; both halves name it. */
const pairOf = (generation: number) => ({ username: `user-${generation}`, password: `s3cret-fixture-${generation}` });

/** A write that goes wrong in one of the ways that volumes do, and what makes the next one possible. */
function faultyWrite(generation: number, random: () => number): readonly WriterStep[] {
  const write = { do: "write", fields: pairOf(generation) } as const;
  const pause = { do: "pause", ms: Math.floor(random() * 4) } as const;
  const faults: readonly (readonly WriterStep[])[] = [
    [{ do: "unlink-data" }, pause, write],
    [{ ...write, crashAfter: "half-tree" }, pause, write],
    [{ ...write, crashAfter: "temporary-link" }, pause, { do: "clean" }, write],
    [{ ...write, crashAfter: "swap" }, pause],
    [{ do: "remove" }, pause, write],
    [{ do: "remove" }, { do: "create" }, pause, write],
    [{ do: "chmod", mode: 0 }, pause, { do: "chmod", mode: 0o755 }, write],
    [write, { do: "chmod", path: "password", mode: 0 }, pause, { do: "chmod", path: "password", mode: 0o644 }],
    [{ ...write, order: "legacy" }],
  ];
  return faults[Math.floor(random() * faults.length)] ?? [write];
}

/** The generation of a pair; throws for a mixture, and for anything that was never written. */
function generationOf(result: ProviderResult): number | undefined {
  if (result.status !== "ok") return undefined;
  if (result.payload.kind !== "fields") throw new Error("a directory was read as one value");
  const fields = Object.fromEntries(
    [...result.payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]),
  );
  const generation = Number(fields.username?.slice("user-".length));
  expect(fields).toEqual(pairOf(generation));
  return generation;
}

test.each([1, 2])(
  "serves whole pairs in order and ends on the last one, whatever happens to the volume (seed %i)",
  async (seed) => {
    const home = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tacit-chaos-"));
    const random = seededRandom(seed);
    await using writer = await startKubeletWriter(join(home, "db"));
    const options = {
      root: home,
      watch: "auto",
      settleMs: 20,
      maxBytes: 1024,
      followExternalLinks: false,
      parse: "raw",
    } as const;
    const provider = openFileProvider(options, conformanceHost(), createStrictFileSystem().fileSystem);
    const context = { signal: new AbortController().signal };
    const seen: number[] = [];
    const reasons = new Set<string>();
    let hinted = true;
    let wake = (): void => undefined;
    let isDone = false;
    const last = Promise.withResolvers<void>();

    const follow = async (): Promise<void> => {
      while (!isDone) {
        if (!hinted) await new Promise<void>((resolve) => (wake = resolve));
        hinted = false;
        const outcome = await provider
          .get({ path: "db", version: "current" }, context)
          .catch((error: unknown) => error);
        if (isSecretError(outcome)) reasons.add(`${outcome.code}/${outcome.reason}`);
        else if (outcome instanceof Error) throw outcome;
        else seen.push(generationOf(outcome as ProviderResult) ?? Number.NaN);
        if (seen.at(-1) === rotations + 1) last.resolve();
      }
    };
    await using _subscription = await provider.subscribe?.(
      ["db"],
      () => {
        hinted = true;
        wake();
      },
      context,
    );
    const following = follow();
    for (let generation = 1; generation <= rotations; generation++) {
      const isFaulty = random() < faultRate;
      const steps: readonly WriterStep[] = isFaulty
        ? faultyWrite(generation, random)
        : [{ do: "write", fields: pairOf(generation) }];
      await writer.run(steps);
    }
    await writer.write(pairOf(rotations + 1));
    await Promise.race([last.promise, following]);
    isDone = true;
    wake();
    await following;
    await provider.close?.();
    fs.rmSync(home, { recursive: true });

    const generations = seen.slice(seen.findIndex((generation) => !Number.isNaN(generation)));
    expect(seen.at(-1)).toBe(rotations + 1);
    expect(generations).not.toContain(Number.NaN);
    expect(generations).toEqual([...generations].sort((left, right) => left - right));
    const expected = ["PERMISSION_DENIED/file-permission", "UNAVAILABLE/volume-incomplete"];
    expect([...reasons].filter((reason) => !expected.includes(reason))).toEqual([]);
  },
  60_000,
);
