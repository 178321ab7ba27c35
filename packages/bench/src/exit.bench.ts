import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import { createVolume, filesOf, temporaryRoot } from "./double/atomic-volume.ts";
import { openMemoryClient } from "./double/client.ts";
import { runNode } from "./measure/child.ts";
import { interleaveSamples } from "./measure/interleave.ts";
import { median } from "./measure/median.ts";

const bare = "bare node";
const own = "Tacit, 10 watches left open";
const folder = fileURLToPath(new URL("../.cache/exit", import.meta.url));
/** A process that has not ended by then does not end by itself. */
const patienceMs = 1_500;

/** P25: whether a script that has done its work can end. */
export const bench: Bench = {
  id: "exit",
  title: "End of a process",
  repeats: 1,
  timeoutMs: 90_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    const sampled = [];
    for (const [name, script] of scripts()) {
      const file = writeScript(script);
      const spent = await orAbsent(name, absent, () => lifetime(file));
      if (spent === null) rows.push({ group: "End of a process", contender: name, values: { "x bare node": null } });
      else if (spent !== undefined) sampled.push({ name, sample: async () => (await lifetime(file)) ?? patienceMs });
    }
    const samples = await interleaveSamples(sampled, 15);
    const base = median(samples.get(bare) ?? []);
    const ended = [...samples].map(([contender, times]) => ({
      group: "End of a process",
      contender,
      values: { "x bare node": median(times) / base },
    }));
    const closing = await orAbsent("Tacit close()", absent, closeDuringRead);
    const exit = ended.find(({ contender }) => contender === own)?.values["x bare node"];
    const neverEnds = rows.some(({ contender }) => contender === own) ? Number.POSITIVE_INFINITY : undefined;
    return {
      rows: [...ended, ...rows],
      goals: measured({ "P25.exit": exit ?? neverEnds, "P25.close": closing }),
      absent,
    };
  },
};

let written = 0;

function writeScript(script: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "empty.mjs"), "");
  const file = join(folder, `${written++}.mjs`);
  writeFileSync(file, script);
  return file;
}

function scripts(): ReadonlyMap<string, string> {
  const root = temporaryRoot();
  const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`);
  createVolume(join(root, "volume"), filesOf(keys, 0));
  const files = JSON.stringify(keys.map((key) => join(root, "volume", key)));
  const client = `
    import { createSecrets } from "@tacit/core";
    import { adapters } from "@tacit/providers";
    const secrets = createSecrets({ adapters, strict: false, config: {
      providers: { mount: { use: "file", root: ${JSON.stringify(root)} } }, routes: [{ match: "**", to: ["mount"] }] } });
    for (const file of ${files}) {
      const watched = secrets.watch(file.split("/").slice(-2).join("/"));
      watched.on("change", () => {});
      if ((await watched.ready).reveal() === "") throw new Error("wrong value");
    }`;
  return new Map([
    [bare, `import "./empty.mjs";`],
    [own, client],
    ["Tacit, closed", `${client}\nawait secrets.close();`],
    [
      "fs.watch(dir), left open",
      `import { watch } from "node:fs"; watch(${JSON.stringify(join(root, "volume"))}, () => {});`,
    ],
    ["chokidar 5, left open", `import { watch } from "chokidar-5"; watch(${files});`],
  ]);
}

/** Milliseconds until the process had ended by itself; `null` when it did not. */
async function lifetime(file: string): Promise<number | null> {
  const begin = performance.now();
  try {
    await runNode([file], { timeoutMs: patienceMs });
    return performance.now() - begin;
  } catch (error) {
    if (error instanceof Error && error.message.includes("SIGKILL")) return null;
    throw error;
  }
}

/** Closes a client while the store does not answer. */
async function closeDuringRead(): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < 21; round++) {
    const client = await openMemoryClient({ declare: {}, get: () => new Promise(() => {}) });
    const pending = client.getSecret("svc/db-000/password").then(
      () => "answered",
      (error: unknown) => (error as { code?: string }).code,
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
    const begin = performance.now();
    await client.close();
    samples.push(performance.now() - begin);
    if ((await pending) !== "CLOSED") throw new Error("the pending read did not end with CLOSED");
  }
  return median(samples);
}
