import { type Bench, measured } from "./bench.ts";
import { importCosts } from "./measure/import-cost.ts";

const own = "@tacit/core + file + env";
const loaded = "@tacit/core + file + env, ready()";

/** contender -> the script that a process of its own runs */
const scripts: ReadonlyMap<string, string> = new Map([
  [own, `import "@tacit/core"; import "@tacit/providers/file"; import "@tacit/providers/env";`],
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
    const { rows, absent } = await importCosts("Import cost", scripts);
    const cost = rows.find(({ contender }) => contender === own)?.values;
    const goals = measured({
      "P13.wall": cost?.["x bare"],
      "P13.ms": cost?.["ms over bare"],
      "P13.rss": cost?.["MB RSS over bare"],
      "P13.modules": cost?.["http, tls, crypto modules"],
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
