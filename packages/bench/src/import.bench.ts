import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import { runNode } from "./measure/child.ts";
import { interleaveSamples } from "./measure/interleave.ts";
import { median } from "./measure/median.ts";

/** What one process reports of itself. */
interface Cost {
  readonly rss: number;
  /** Internal modules that bare node does not load. */
  readonly heavy: readonly string[];
}

const bare = "bare node";
const doors = "@tacit/core + file + env";
const loaded = "@tacit/core + file + env, ready()";

/** Scripts are files of this package, as a service is; bare node imports an empty one, so that it too has loaded its module loader. */
const folder = fileURLToPath(new URL("../.cache/import", import.meta.url));

/** contender -> the script that a process of its own runs */
const scripts: ReadonlyMap<string, string> = new Map([
  [bare, `import "./empty.mjs";`],
  [doors, `import "@tacit/core"; import "@tacit/providers/file"; import "@tacit/providers/env";`],
  ["@tacit/core + @tacit/providers", `import "@tacit/core"; import "@tacit/providers";`],
  [loaded, readyScript()],
  ["dotenv", `import "dotenv";`],
  ["lru-cache", `import "lru-cache";`],
  ["keyv", `import "keyv";`],
  ["unstorage", `import "unstorage";`],
  ["convict", `import "convict";`],
  ["config", `import "config";`],
  ["chokidar 5", `import "chokidar-5";`],
  ["powertools parameters/base", `import "@aws-lambda-powertools/parameters/base";`],
  ["@nestjs/config", `import "reflect-metadata"; import "@nestjs/config";`],
]);

/** P13: what an import costs a process that starts. */
export const bench: Bench = {
  id: "import",
  title: "Import cost",
  repeats: 1,
  timeoutMs: 150_000,
  async run() {
    const absent: Absence[] = [];
    const costs = new Map<string, Cost[]>();
    const sampled = [];
    for (const [name, script] of scripts) {
      const file = writeScript(script);
      const proof = await orAbsent(name, absent, () => start(file));
      if (proof === undefined) continue;
      const own: Cost[] = [];
      costs.set(name, own);
      sampled.push({ name, sample: () => timedStart(file, own) });
    }
    const walls = await interleaveSamples(sampled);
    const rows = [...walls].map(([name, samples]) =>
      rowOf(name, median(samples), costs.get(name) ?? [], baseline(walls, costs)),
    );
    const door = rows.find(({ contender }) => contender === doors)?.values;
    const goals = measured({
      "P13.wall": door?.["x bare"],
      "P13.ms": door?.["ms over bare"],
      "P13.rss": door?.["MB RSS over bare"],
      "P13.modules": door?.["http, tls, crypto modules"],
    });
    return { rows, goals, absent };
  },
};

function readyScript(): string {
  return `
    import { createSecrets, declareSecrets } from "@tacit/core";
    import { adapters } from "@tacit/providers";
    import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
    import { tmpdir } from "node:os";
    import { join } from "node:path";
    const root = mkdtempSync(join(tmpdir(), "tacit-bench-"));
    writeFileSync(join(root, "token"), "s3cret-fixture");
    process.env.DB_PRIMARY = "s3cret-fixture";
    const secrets = createSecrets({ adapters, declare: declareSecrets({ token: { ref: "token" }, db: { ref: "db/primary" } }), config: {
      providers: { mount: { use: "file", root }, env: { use: "env" } },
      routes: [{ match: "token", to: ["mount"] }, { match: "**", to: ["env"] }] } });
    await secrets.ready();
    if (secrets.latest("token").reveal() !== "s3cret-fixture" || secrets.latest("db").reveal() !== "s3cret-fixture") throw new Error("wrong value");
    await secrets.close();
    rmSync(root, { recursive: true });`;
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
  const own = costs.get(bare) ?? [];
  return { wall: median(walls.get(bare) ?? []), rss: median(own.map(({ rss }) => rss)), heavy: new Set(own[0]?.heavy) };
}

function rowOf(contender: string, wall: number, costs: readonly Cost[], base: Baseline): Row {
  return {
    group: "Import cost",
    contender,
    values: {
      "x bare": wall / base.wall,
      "ms over bare": wall - base.wall,
      "MB RSS over bare": (median(costs.map(({ rss }) => rss)) - base.rss) / 2 ** 20,
      "http, tls, crypto modules": (costs[0]?.heavy ?? []).filter((name) => !base.heavy.has(name)).length,
    },
  };
}
