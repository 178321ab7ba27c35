import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Absence, orAbsent, type Row } from "../bench.ts";
import { runNode } from "./child.ts";
import { interleaveSamples, type Sampled } from "./interleave.ts";
import { median } from "./median.ts";

/** What one process reports of itself. */
interface Cost {
  readonly rss: number;
  /** Internal modules that bare node does not load. */
  readonly heavy: readonly string[];
}

/** The contender that the others are compared with. */
const bareNode = "bare node";

/** Scripts are files of this package, as a service is; bare node imports an empty one, so that it too has loaded its module loader. */
const folder = fileURLToPath(new URL("../../.cache/import", import.meta.url));

/**
 * Measures what imports cost a process that starts: each sample is a process of its own.
 * @param scripts contender -> the script; bare node is added to them
 */
export async function importCosts(
  group: string,
  scripts: ReadonlyMap<string, string>,
): Promise<{ readonly rows: readonly Row[]; readonly absent: readonly Absence[] }> {
  const absent: Absence[] = [];
  const costs = new Map<string, Cost[]>();
  const sampled: Sampled[] = [];
  for (const [name, script] of withBare(scripts)) {
    const file = writeScript(script);
    const proof = await orAbsent(name, absent, () => start(file));
    if (proof === undefined) continue;
    const own: Cost[] = [];
    costs.set(name, own);
    sampled.push({ name, sample: () => timedStart(file, own) });
  }
  const walls = await interleaveSamples(sampled);
  const base = baseline(walls, costs);
  const rows = [...walls].map(([name, samples]) => rowOf(group, name, median(samples), costs.get(name) ?? [], base));
  return { rows, absent };
}

function withBare(scripts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([[bareNode, `import "./empty.mjs";`], ...scripts]);
}

/** The report is written by the process itself, after the import. */
const reportScript = `
  process.stdout.write(JSON.stringify({
    rss: process.memoryUsage.rss(),
    heavy: process.moduleLoadList.filter((name) => /^NativeModule (http|https|http2|tls|crypto|_http_client|internal\\/deps\\/undici\\/undici)$/.test(name)),
  }) + "\\n");`;

let written = 0;

function writeScript(script: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "empty.mjs"), "");
  const file = join(folder, `${written++}.mjs`);
  writeFileSync(file, script + reportScript);
  return file;
}

async function start(file: string): Promise<Cost> {
  const output = await runNode([file]);
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as Cost;
}

async function timedStart(file: string, costs: Cost[]): Promise<number> {
  const begin = performance.now();
  costs.push(await start(file));
  return performance.now() - begin;
}

interface Baseline {
  readonly wall: number;
  readonly rss: number;
  readonly heavy: ReadonlySet<string>;
}

function baseline(
  walls: ReadonlyMap<string, readonly number[]>,
  costs: ReadonlyMap<string, readonly Cost[]>,
): Baseline {
  const own = costs.get(bareNode) ?? [];
  return {
    wall: median(walls.get(bareNode) ?? []),
    rss: median(own.map(({ rss }) => rss)),
    heavy: new Set(own[0]?.heavy),
  };
}

function rowOf(group: string, contender: string, wall: number, costs: readonly Cost[], base: Baseline): Row {
  return {
    group,
    contender,
    values: {
      "x bare": wall / base.wall,
      "ms over bare": wall - base.wall,
      "MB RSS over bare": (median(costs.map(({ rss }) => rss)) - base.rss) / 2 ** 20,
      "http, tls, crypto modules": (costs[0]?.heavy ?? []).filter((name) => !base.heavy.has(name)).length,
    },
  };
}
