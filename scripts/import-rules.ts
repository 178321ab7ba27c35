import { fileCircles, folderCircles } from "./import-circles.ts";
import {
  publishedFiles,
  reach,
  resolveRelative,
  type SourceFile,
  type SourceImport,
  type SourceTree,
} from "./source-tree.ts";

/** Who may import whom. docs/architecture.md tells it in short. */
export interface ImportRule {
  readonly title: string;
  /** One line per broken import, with the file and the specifier; empty when the rule holds. */
  violations(tree: SourceTree): readonly string[];
}

/** Loading these costs well under a millisecond, or Node has loaded them before any program starts. */
const lightModules: ReadonlySet<string> = new Set(
  [
    "async_hooks",
    "buffer",
    "diagnostics_channel",
    "events",
    "fs",
    "fs/promises",
    "os",
    "path",
    "process",
    "url",
    "util",
  ].map((name) => `node:${name}`),
);
/** Loading these costs 4 to 70 ms, so no entry point does. */
const heavyModules =
  /^(zod|yaml|axios|undici)(\/|$)|^node:(crypto|http|https|http2|net|tls|zlib|worker_threads|child_process)$/;
const testRunners = /^(vitest|jest|mocha|chai|@jest\/globals|node:test)(\/|$)/;
/** Folders of core that are entry points of their own and do not know each other. */
const separateFolders = ["redact", "testing", "conformance"];
const frameworks: Readonly<Record<string, RegExp>> = {
  express: /^express(\/|$)/,
  nestjs: /^(@nestjs\/|rxjs(\/|$)|reflect-metadata$)/,
};

/** What the entry point for adapter authors exports beside types. */
const pureFiles: ReadonlySet<string> = new Set([
  "packages/core/src/error/at-caller.ts",
  "packages/core/src/error/secret-error.ts",
  "packages/core/src/name/check-options.ts",
  "packages/core/src/name/json-faults.ts",
  "packages/core/src/name/json-members.ts",
  "packages/core/src/name/nearest.ts",
  "packages/core/src/time/pause.ts",
  "packages/core/src/time/until-aborted.ts",
]);

/** The folders of core, top down: each imports only folders above it. docs/architecture.md has a line for each. */
export const coreColumn: readonly string[] = [
  "error",
  "time",
  "contract",
  "name",
  "events",
  "decode",
  "secret",
  "redact",
  "provider",
  "lease",
  "source",
  "view",
  "watch",
  "declare",
  "config",
  "health",
  "route",
  "snapshot",
  "client",
  "observe",
  "testing",
  "conformance",
];

export const importRules: readonly ImportRule[] = [
  {
    title: "1. the main entry point of core loads eventemitter3 and light node modules only",
    violations: (tree) =>
      broken(reach(tree, pathsOf(tree, "@tacit/core"), ["static"]), (_, { specifier, kind }) => {
        return (
          kind === "static" &&
          !specifier.startsWith(".") &&
          specifier !== "eventemitter3" &&
          !lightModules.has(specifier)
        );
      }),
  },
  {
    title: "1. no entry point that an application loads needs zod, yaml, crypto or http before it is used",
    violations: (tree) =>
      broken(reach(tree, applicationEntryPoints(tree), ["static"]), (_, { specifier, kind }) => {
        return kind === "static" && heavyModules.test(specifier);
      }),
  },
  {
    title: "2. the entry point for adapter authors holds types, the error, and helpers that import nothing else",
    violations: (tree) =>
      broken(reach(tree, pathsOf(tree, "@tacit/core/provider"), ["static", "dynamic"]), (file, { specifier, kind }) => {
        if (kind === "type") return false;
        return !pureFiles.has(resolveRelative(file.path, specifier) ?? "");
      }),
  },
  {
    title: "2. testing, conformance and redact know no test runner and not each other",
    violations(tree) {
      // What the main entry point loads is core, in whichever folder it lies: the client itself has a redactor.
      const core = new Set(reach(tree, pathsOf(tree, "@tacit/core"), ["static", "dynamic"]).map(({ path }) => path));
      return broken(publishedFiles(tree), (file, { specifier }) => {
        const folder = separateFolders.find((name) => file.path.startsWith(`packages/core/src/${name}/`));
        if (folder === undefined) return false;
        const target = resolveRelative(file.path, specifier) ?? "";
        const others = separateFolders.filter((name) => name !== folder && !core.has(target));
        return testRunners.test(specifier) || others.some((name) => target.startsWith(`packages/core/src/${name}/`));
      });
    },
  },
  {
    title: "3. an adapter imports the contract, shared files, zod for its options, and its SDK by import()",
    violations: (tree) =>
      broken(publishedFiles(tree), (file, { specifier, kind }) => {
        if (adapterOf(file.path) === undefined || kind === "type" || specifier.startsWith(".")) return false;
        if (specifier === "@tacit/core/provider" || specifier.startsWith("node:")) return false;
        if (/^zod(\/|$)/.test(specifier)) return !file.path.endsWith("/options.ts");
        return kind !== "dynamic" || specifier.startsWith("@tacit/") || specifier === "(computed)";
      }),
  },
  {
    title: "3. no adapter imports another one",
    violations: (tree) =>
      broken([...tree.files.values()], (file, { specifier }) => {
        const from = adapterOf(file.path);
        const to = adapterOf(resolveRelative(file.path, specifier) ?? "");
        return from !== undefined && to !== undefined && from !== to;
      }),
  },
  {
    title: "4. the index of providers alone knows the adapters, by import() alone",
    violations: (tree) =>
      broken(publishedFiles(tree), (file, { specifier, kind }) => {
        if (!file.path.startsWith("packages/providers/src/") || adapterOf(file.path) !== undefined) return false;
        if (adapterOf(resolveRelative(file.path, specifier) ?? "") === undefined) return false;
        return file.path !== "packages/providers/src/index.ts" || kind === "static";
      }),
  },
  {
    title: "4. sources import nothing from a test folder; their tests may",
    violations: (tree) =>
      broken(
        [...tree.files.values()].filter(({ path }) => /^packages\/[^/]+\/src\//.test(path) && !isTest(path)),
        ({ path }, { specifier }) => /^packages\/[^/]+\/test\//.test(resolveRelative(path, specifier) ?? ""),
      ),
  },
  {
    title: "5. express and nestjs import core and their framework",
    violations: (tree) =>
      broken(
        [...tree.files.values()].filter(({ path }) => !isTest(path)),
        ({ path }, { specifier }) => {
          const framework = frameworks[packageOf(path)];
          if (framework === undefined || specifier.startsWith(".") || specifier.startsWith("node:")) return false;
          return !/^@tacit\/core(\/|$)/.test(specifier) && !framework.test(specifier);
        },
      ),
  },
  {
    title: "5. packages meet at published entry points only, and none imports bench or e2e; e2e alone imports scripts",
    violations: (tree) =>
      broken([...tree.files.values()], ({ path }, { specifier }) => {
        const target = resolveRelative(path, specifier);
        // Installing the packed packages is one thing, whether entry points or whole programs are then tried on them.
        if (packageOf(path) === "e2e" && target?.startsWith("scripts/") === true) return false;
        if (target !== undefined) return !target.startsWith(`packages/${packageOf(path)}/`);
        return specifier.startsWith("@tacit/") && !tree.entryPoints.has(specifier);
      }),
  },
  {
    title: "6. each folder of core imports only folders above it, types included",
    violations: (tree) =>
      broken(
        [...tree.files.values()].filter(({ path }) => coreFolder(path) !== undefined && !isTest(path)),
        ({ path }, { specifier }) => {
          const target = resolveRelative(path, specifier) ?? "";
          if (!target.startsWith("packages/core/src/")) return false;
          const [from = "", to = ""] = [coreFolder(path), coreFolder(target)];
          return coreColumn.indexOf(to) < 0 || coreColumn.indexOf(from) < coreColumn.indexOf(to);
        },
      ),
  },
  {
    title: "6. no files and no folders of core and providers import each other in a circle, types included",
    violations: (tree) =>
      ["packages/core/src/", "packages/providers/src/"].flatMap((below) =>
        [...fileCircles(tree, below, isTest), ...folderCircles(tree, below, isTest)].map((circle) =>
          circle.join(" <-> "),
        ),
      ),
  },
];

function broken(
  files: readonly SourceFile[],
  isBroken: (file: SourceFile, one: SourceImport) => boolean,
): readonly string[] {
  return files.flatMap((file) =>
    file.imports
      .filter((one) => isBroken(file, one))
      .map((one) => `${file.path} imports "${one.specifier}" (${one.kind})`),
  );
}

function pathsOf(tree: SourceTree, specifier: string): readonly string[] {
  const path = tree.entryPoints.get(specifier);
  if (path === undefined) throw new Error(`no entry point ${specifier}`);
  return [path];
}

/** The conformance cases run in an adapter's test suite, where start-up time is nobody's concern. */
function applicationEntryPoints(tree: SourceTree): readonly string[] {
  return [...tree.entryPoints].filter(([specifier]) => specifier !== "@tacit/core/conformance").map(([, path]) => path);
}

/** `packages/providers/src/env/index.ts` -> `env`; a shared file belongs to none. */
function adapterOf(path: string): string | undefined {
  const [, folder] = /^packages\/providers\/src\/([^/]+)\//.exec(path) ?? [];
  return folder === "shared" ? undefined : folder;
}

/** `packages/core/src/redact/engine/finder.ts` -> `redact`; an entry point at the top belongs to none. */
function coreFolder(path: string): string | undefined {
  return /^packages\/core\/src\/([^/]+)\//.exec(path)?.[1];
}

function packageOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function isTest(path: string): boolean {
  return /\.(test|test-d|e2e|bench)\.ts$/.test(path);
}
