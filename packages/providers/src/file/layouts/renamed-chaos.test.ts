import { expect, test } from "vitest";
import { seededRandom } from "../../../test/file/chaos/seeded-random.ts";
import { listen, openFixture, read, textOf } from "../../../test/file/file-fixture.ts";
import type { RenameStep, RenameWrite } from "../../../test/file/rename-writer.ts";
import { createStrictFileSystem } from "../../../test/file/strict-file-system.ts";

const rounds = 200;
const faultRate = 0.4;

const contentOf = (version: number): string => `${version}:${"s3cret-fixture ".repeat(200)}:${version}`;
const versionOf = (content: string): number => Number(/^(\d+):(?:s3cret-fixture )+:\1$/.exec(content)?.[1]);

function stepsOf(version: number, random: () => number): readonly RenameStep[] {
  const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const style = one(["consul-template", "token-sink", "aws-csi", "in-place"] as const);
  const how = { style, backup: random() < 0.5 } as const;
  const writeAs = (options: RenameWrite): RenameStep => ({
    do: "write",
    name: "token",
    content: contentOf(version),
    ...options,
  });
  const write = writeAs(how);
  const pause: RenameStep = { do: "pause", ms: Math.floor(random() * 6) };
  if (random() >= faultRate) return [write, pause];
  const renaming = { ...how, style: one(["consul-template", "token-sink", "aws-csi"] as const) };
  return one<readonly RenameStep[]>([
    [writeAs({ ...renaming, crashAfter: "half" }), pause, write],
    [writeAs({ ...renaming, crashAfter: "temporary" }), pause, write],
    [writeAs({ ...renaming, style: "consul-template", backup: true, crashAfter: "backup" }), pause, write],
    [{ do: "chmod", name: "token", mode: 0 }, pause, { do: "chmod", name: "token", mode: 0o600 }, write],
    [{ do: "remove", name: "token" }, pause, write],
    [{ do: "move-away" }, pause, { do: "move-back" }, write],
    [{ do: "remove" }, pause, { do: "create" }, write],
    [{ do: "chmod", mode: 0 }, pause, { do: "chmod", mode: 0o755 }, write],
  ]);
}

test.each([1, 2, 3])(
  "a file is whole and never older than before, whatever its writers do (seed %i)",
  async (seed) => {
    await using fixture = openFixture();
    const writer = await fixture.renamer("agent");
    const random = seededRandom(seed);
    await writer.run([{ do: "write", name: "token", content: contentOf(0), style: "consul-template" }]);
    const provider = fixture.open({}, createStrictFileSystem().fileSystem);
    const recorder = await listen(provider, "agent/token");
    const seen: number[] = [];
    const reasons = new Set<string>();
    let isDone = false;
    const reading = (async () => {
      while (!isDone) {
        const answer = await textOf(read(provider, "agent/token")).catch((error: unknown) => error);
        if (typeof answer === "string") seen.push(versionOf(answer));
        else reasons.add(answer instanceof Error ? String(Reflect.get(answer, "reason")) : "gone");
        // What is not there is answered without the event loop, which the writer's answers need.
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    try {
      for (let version = 1; version <= rounds; version++) await writer.run(stepsOf(version, random));
      await writer.run([{ do: "write", name: "token", content: contentOf(rounds + 1), style: "consul-template" }]);
      await recorder.hears("agent/token", contentOf(rounds + 1));
    } finally {
      isDone = true;
      await reading;
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).not.toContain(Number.NaN);
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
    expect([...reasons].filter((reason) => !["gone", "file-permission", "unsettled"].includes(reason))).toEqual([]);
  },
  60_000,
);
