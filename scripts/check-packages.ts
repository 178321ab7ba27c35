import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { openLoopbackStore } from "../packages/bench/src/first-secret/loopback-store.ts";
import { type Consumer, installConsumer, runSilently } from "./consumer.ts";
import { exportsOf } from "./entry-point-exports.ts";
import { heavyOnes, modulesLoadedBy, modulesLoadedByProgram } from "./loaded-modules.ts";
import { nodeRuntimes, outdatedNode } from "./node-runtimes.ts";
import { packPackages } from "./pack.ts";
import { budgetText, overBudget, startBudgets } from "./start-budgets.ts";
import { createTally } from "./tally.ts";
import { type PublishedPackage, publishedPackages, repository } from "./workspace.ts";

/** What an install of core and providers may bring: each script twice, with a map, the declarations, and what is bundled in them. */
const installBudget = { packages: 8, bytes: 7_000_000 };

const tally = createTally();
const packages = publishedPackages();
const shelf = mkdtempSync(join(tmpdir(), "tarballs-"));
try {
  const tarballs = packPackages(shelf);
  for (const [one, tarball] of tarballs) await checkTarball(one, tarball);
  const consumer = installConsumer([...tarballs.values()]);
  try {
    await checkTypes(consumer);
    await checkWeight(consumer);
    await checkStart(consumer);
    await checkOutdatedNode(consumer);
    for (const one of packages) {
      await checkInstalled(one, consumer);
      await checkEntryPoints(one, consumer);
    }
  } finally {
    consumer[Symbol.dispose]();
  }
} finally {
  rmSync(shelf, { recursive: true, force: true });
}
tally.finish();

async function checkTarball(one: PublishedPackage, tarball: string): Promise<void> {
  await tally.check(`${one.name}: publint finds nothing`, async () => {
    const { buffer } = new Uint8Array(readFileSync(tarball));
    const { messages, pkg } = await publint({ strict: true, pack: { tarball: buffer } });
    deepStrictEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  });
  await tally.check(`${one.name}: the types resolve under node10, node16 and bundler`, () => {
    const attw = join(repository, "node_modules/.bin/attw");
    const run = spawnSync(attw, [tarball, "--no-color", "--no-emoji"], { encoding: "utf8", timeout: 120_000 });
    ok(run.status === 0, run.stdout + run.stderr);
  });
  await tally.check(`${one.name}: the tarball holds no test, no build state and no path of this machine`, () => {
    const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
    deepStrictEqual(
      files.filter((file) => /\.(test|test-d|e2e|bench)\.|tsbuildinfo|\/src\//.test(file)),
      [],
    );
    const text = execFileSync("tar", ["-xzOf", tarball], { encoding: "utf8", maxBuffer: 64 << 20 });
    ok(!text.includes(repository), "a file names the folder of this checkout");
  });
}

async function checkInstalled(one: PublishedPackage, consumer: Consumer): Promise<void> {
  const folder = join(consumer.folder, "node_modules", one.name);
  await tally.check(`${one.name}: the manifest holds what a registry shows, and nothing of this workspace`, () => {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    deepStrictEqual(text.match(/@tacit\/source|workspace:|catalog:|devDependencies/g), null);
    const manifest = JSON.parse(text) as Record<string, unknown>;
    const shown = ["description", "keywords", "homepage", "bugs", "repository", "license", "author", "publishConfig"];
    deepStrictEqual(
      shown.filter((field) => manifest[field] === undefined),
      [],
    );
  });
  await tally.check(`${one.name}: each script has a map, without the text of its sources`, () => {
    deepStrictEqual(missingMaps(folder), []);
  });
}

/** The scripts of an installed package that hold parts of sources, and whose lines a debugger could not trace back to them. */
function missingMaps(folder: string): readonly string[] {
  return globSync("dist/**/*.js", { cwd: folder }).filter((file) => {
    const module = readFileSync(join(folder, file.replace("dist/cjs/", "dist/")), "utf8");
    if (!/^\/\/ packages\//m.test(module)) return false;
    const comment = /^\/\/# sourceMappingURL=(.+)$/m.exec(readFileSync(join(folder, file), "utf8"));
    const map = join(folder, dirname(file), comment?.[1] ?? "");
    if (comment === null || !existsSync(map)) return true;
    return (JSON.parse(readFileSync(map, "utf8")) as { sourcesContent?: unknown }).sourcesContent !== undefined;
  });
}

async function checkTypes(consumer: Consumer): Promise<void> {
  await tally.check("a program that imports every entry point compiles, declarations checked", () => {
    consumer.compile(packages.flatMap((one) => one.entryPoints.map((entryPoint) => entryPoint.specifier)));
  });
}

async function checkWeight(consumer: Consumer): Promise<void> {
  const installed = consumer.installedWith(["@tacit/core", "@tacit/providers"]);
  await tally.check(`core and providers: at most ${installBudget.packages} packages installed`, () => {
    ok(installed.length <= installBudget.packages, installed.join(", "));
  });
  await tally.check(`core and providers: at most ${installBudget.bytes} bytes installed`, () => {
    const bytes = installed.map((name) => [name, consumer.installedBytes(name)] as const);
    const sum = bytes.reduce((total, [, size]) => total + size, 0);
    ok(sum <= installBudget.bytes, `${sum} bytes: ${bytes.map((one) => one.join(" ")).join(", ")}`);
  });
  await tally.check("@tacit/core: depends on nothing", () => {
    deepStrictEqual(consumer.installedWith(["@tacit/core"]), ["@tacit/core"]);
  });
}

async function checkStart(consumer: Consumer): Promise<void> {
  await tally.check("@tacit/core: importing it loads neither crypto nor http nor a schema library", () => {
    deepStrictEqual(heavyOnes(modulesLoadedBy(["@tacit/core"], consumer.folder)), []);
  });
  await using store = await openLoopbackStore();
  for (const budget of startBudgets(store)) {
    await tally.check(`${budget.title}: loads ${budgetText(budget)} at most`, async () => {
      const excess = overBudget(budget, await modulesLoadedByProgram(budget.program, consumer.folder));
      strictEqual(excess, undefined);
    });
  }
}

async function checkOutdatedNode(consumer: Consumer): Promise<void> {
  const { version, binary } = outdatedNode();
  const call = "try { createSecrets() } catch (error) { process.stdout.write(error.message) }";
  const programs = {
    module: `import { createSecrets } from "@tacit/core"; ${call}`,
    commonjs: `const { createSecrets } = require("@tacit/core"); ${call}`,
  };
  for (const [type, program] of Object.entries(programs)) {
    await tally.check(`Node ${version}, ${type}: one sentence says which version is needed`, () => {
      const said = runSilently(binary, [`--input-type=${type}`, "--eval", program], consumer.folder);
      strictEqual(said, `Tacit needs Node 22.13 or later; this is ${version}`);
    });
  }
}

async function checkEntryPoints(one: PublishedPackage, consumer: Consumer): Promise<void> {
  for (const { version, binary } of nodeRuntimes()) {
    for (const entryPoint of one.entryPoints) {
      for (const how of ["import", "require"] as const) {
        await tally.check(
          `Node ${version}: ${how}("${entryPoint.specifier}") exports what its source names, silently`,
          () => {
            const expected = exportsOf(join(one.folder, entryPoint.source));
            deepStrictEqual(consumer.load(binary, how, entryPoint.specifier), expected);
          },
        );
      }
    }
  }
}
