import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Absence, orAbsent, type Row } from "../bench.ts";
import { runNode } from "./child.ts";
import { interleaveSamples, type Sampled } from "./interleave.ts";
import { median } from "./median.ts";

/** What one process reports of itself. */
interface Report {
  readonly rss: number;
  readonly cpuMs: number;
  /** Internal modules that bare node does not load. */
  readonly heavy: readonly string[];
}

/** What a process costs, from its start to its report; the medians of many. */
export interface ProcessCost extends Report {
  readonly wallMs: number;
}

/** The contender that the others are compared with. */
export const bareNode = "bare node";

/** Scripts are files of this package, as a service is; bare node imports an empty one, so that it too has loaded its module loader. */
const folder = fileURLToPath(new URL("../../.cache/import", import.meta.url));

/**
 * Measures what scripts cost a process that starts: each sample is a process of its own.
 * @param scripts contender -> the script; bare node is added to them
 */
export async function processCosts(
  scripts: ReadonlyMap<string, string>,
): Promise<{ readonly costs: ReadonlyMap<string, ProcessCost>; readonly absent: readonly Absence[] }> {
  const absent: Absence[] = [];
  const reports = new Map<string, Report[]>();
  const sampled: Sampled[] = [];
  for (const [name, script] of withBare(scripts)) {
    const file = writeScript(script);
    const proof = await orAbsent(name, absent, () => start(file));
    if (proof === undefined) continue;
    const own: Report[] = [];
    reports.set(name, own);
    sampled.push({ name, sample: () => timedStart(file, own) });
  }
  const walls = await interleaveSamples(sampled);
  const costs = [...walls].map(
    ([name, samples]) => [name, { ...medians(reports.get(name) ?? []), wallMs: median(samples) }] as const,
  );
  return { costs: new Map(costs), absent };
}

/** The same of scripts that import something, as the rows of a table, over what bare node costs. */
export async function importCosts(
  group: string,
  scripts: ReadonlyMap<string, string>,
): Promise<{ readonly rows: readonly Row[]; readonly absent: readonly Absence[] }> {
  const { costs, absent } = await processCosts(scripts);
  const bare = costs.get(bareNode);
  if (bare === undefined) throw new Error("bare node did not run");
  return { rows: [...costs].map(([name, cost]) => rowOf(group, name, cost, bare)), absent };
}

function withBare(scripts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([[bareNode, `import "./empty.mjs";`], ...scripts]);
}

/** The report is written by the process itself, at its end, which nothing that it holds open delays. */
const reportScript = `
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stdout.write(JSON.stringify({
    rss: process.memoryUsage.rss(),
    cpuMs: (userCPUTime + systemCPUTime) / 1000,
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

async function start(file: string): Promise<Report> {
  const output = await runNode([file]);
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as Report;
}

async function timedStart(file: string, reports: Report[]): Promise<number> {
  const begin = performance.now();
  reports.push(await start(file));
  return performance.now() - begin;
}

function medians(reports: readonly Report[]): Report {
  return {
    rss: median(reports.map(({ rss }) => rss)),
    cpuMs: median(reports.map(({ cpuMs }) => cpuMs)),
    heavy: reports[0]?.heavy ?? [],
  };
}

function rowOf(group: string, contender: string, cost: ProcessCost, bare: ProcessCost): Row {
  return {
    group,
    contender,
    values: {
      "x bare": cost.wallMs / bare.wallMs,
      "CPU x bare": cost.cpuMs / bare.cpuMs,
      "ms over bare": cost.wallMs - bare.wallMs,
      "CPU ms over bare": cost.cpuMs - bare.cpuMs,
      "MB RSS over bare": (cost.rss - bare.rss) / 2 ** 20,
      "http, tls, crypto modules": cost.heavy.filter((name) => !bare.heavy.includes(name)).length,
    },
  };
}
