import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { OpenSecrets } from "../../src/client/api.ts";
import { createSecrets, type SecretsOptions } from "../../src/client/secrets.ts";
import type { SecretEvent } from "../../src/events/events.ts";
import { createRedactor } from "../../src/redact/redactor.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";
import { ScriptedStore } from "../scripted-store.ts";
import { LocalKeyRing } from "./local-key-ring.ts";

// Read once here: what they import takes real time, which a manual clock knows nothing of.
await import("../../src/snapshot/open-snapshot.ts");
await import("../../src/config/index.ts");

type AnySecrets = OpenSecrets<Readonly<Record<never, never>>>;

/** One process that reads through a document with a snapshot. */
export interface SnapshotProcess {
  readonly secrets: AnySecrets;
  readonly store: ScriptedStore;
  readonly other: ScriptedStore;
  readonly events: SecretEvent[];
}

/** Processes that follow each other on one machine: they share a clock, a key service and a directory. */
export class SnapshotMachine {
  readonly clock: ManualClock;
  readonly ring = new LocalKeyRing();
  readonly path: string = join(mkdtempSync(join(tmpdir(), "tacit-snapshot-")), "app.snapshot");

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  start(
    declare: object,
    { snapshot = {}, ...config }: Readonly<Record<string, unknown>> = {},
    options: Partial<SecretsOptions> = {},
  ): SnapshotProcess {
    const [store, other] = [new ScriptedStore(), new ScriptedStore()];
    const secrets = createSecrets({
      strict: false,
      declare,
      adapters: { scripted: store.adapter(), other: other.adapter() },
      keys: this.ring.adapter(),
      config: {
        providers: { store: { use: "scripted" } },
        routes: [{ match: "**", to: ["store"] }],
        snapshot: { path: this.path, keys: [{ use: "local", key: { $env: "KEY" } }], ...(snapshot as object) },
        ...config,
      },
      clock: this.clock,
      random: () => 0.5,
      redactor: createRedactor(),
      ...options,
    } as never) as unknown as AnySecrets;
    const events: SecretEvent[] = [];
    secrets.events.onAny((event) => void events.push(event));
    return { secrets, store, other, events };
  }

  /** The secrets that the file holds. */
  names(): readonly string[] {
    const { entries } = JSON.parse(JSON.parse(readFileSync(this.path, "utf8")).body) as {
      entries: { header: string }[];
    };
    return entries.map(({ header }) => JSON.parse(header).name as string).toSorted();
  }

  /** Lets time pass, and waits until a process has written what is due in it. */
  async written({ secrets }: SnapshotProcess, ms: number): Promise<void> {
    const writtenAt = (): number | undefined => secrets.health().snapshot?.writtenAt?.getTime();
    const before = writtenAt();
    await this.clock.advance(ms);
    for (let turns = 0; writtenAt() === before && turns < 100_000; turns += 1) await turn();
  }

  /** Moves time until work is done that also waits for the file system. */
  async until<V>(work: Promise<V>, stepMs = 100): Promise<V> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    work.then(done, done);
    for (let step = 0; !isDone && step < 100_000; step += 1) {
      for (let turns = 0; turns < 5 && !isDone; turns += 1) await turn();
      // A disk that is slow has turns left when no time is.
      if (!isDone && step < 3_000) await this.clock.advance(stepMs);
    }
    if (!isDone) throw new Error("nothing settled");
    return await work;
  }
}
