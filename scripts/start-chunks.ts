import { join } from "node:path";
import type { CodeSplittingGroup, Plugin, PluginContext } from "rolldown";
import type { PublishedPackage } from "./workspace.ts";

/** Which modules share a file because a start needs them together. */
export interface StartChunks {
  /** For the code splitting of the bundler, which splits the other modules by the entry points that share them. */
  readonly groups: CodeSplittingGroup[];
  /** Learns which module imports which; the groups depend on it. */
  readonly observer: Plugin;
}

/** package -> name of a file -> modules that it holds with all that they import, except what a file before it holds */
const chunksOf: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "@tacit/core": {
    redaction: ["src/redact/index.ts"],
    client: ["src/index.ts", "src/provider.ts"],
  },
  "@tacit/providers": {
    schemas: ["src/shared/options.ts"],
    kit: [
      "src/shared/another-case.ts",
      "src/shared/answer.ts",
      "src/shared/base64.ts",
      "src/shared/findings.ts",
      "src/shared/files/errors.ts",
      "src/shared/iso-date.ts",
      "src/shared/load-once.ts",
      "src/shared/parse/text.ts",
      "src/shared/program-limit.ts",
      "src/shared/quoted.ts",
      "src/shared/server-time.ts",
      "src/shared/within.ts",
    ],
    http: [
      "src/shared/login.ts",
      "src/shared/json-content.ts",
      "src/shared/batch.ts",
      "src/shared/steady-versions.ts",
      "src/shared/store/store-api.ts",
      "src/shared/store/store-provider.ts",
      "src/shared/store/token-login.ts",
    ],
    exchange: ["src/shared/http/exchange.ts"],
    cloud: ["src/shared/cloud/ask-cloud.ts", "src/shared/cloud/optional-peer.ts"],
    aws: ["src/shared/cloud/aws-findings.ts", "src/shared/cloud/aws-secret.ts", "src/shared/cloud/aws-parameter.ts"],
    "aws-login": ["src/shared/cloud/aws.ts", "src/shared/cloud/aws-signature.ts"],
    files: ["src/shared/files/open-files.ts", "src/shared/files/diagnose.ts", "src/shared/files/read-text.ts"],
  },
};

/**
 * Groups the modules that a start needs together. Each file costs Node half a millisecond before it is compiled, and a bundler
 * left to itself makes one for every set of entry points that share something.
 */
export function startChunks({ name, folder }: PublishedPackage): StartChunks {
  const members = new Map<string, ReadonlySet<string>>();
  const chunks = Object.entries(chunksOf[name] ?? {});
  return {
    groups: chunks.map(([chunk], index) => ({
      name: chunk,
      priority: chunks.length - index,
      test: (id) => members.get(chunk)?.has(id) === true,
    })),
    observer: {
      name: "start-chunks",
      buildEnd() {
        for (const [chunk, modules] of chunks) {
          members.set(
            chunk,
            importedBy(
              modules.map((module) => join(folder, module)),
              this,
            ),
          );
        }
      },
    },
  };
}

/** Modules and all that they import, `import()` apart. */
function importedBy(
  modules: readonly string[],
  { getModuleInfo }: Pick<PluginContext, "getModuleInfo">,
): ReadonlySet<string> {
  const unknown = modules.filter((id) => getModuleInfo(id) === null);
  if (unknown.length > 0) throw new Error(`no module of the package: ${unknown.join(", ")}`);
  const found = new Set(modules);
  // A set is walked in order of insertion, so what is added on the way is followed as well.
  for (const id of found) {
    for (const next of getModuleInfo(id)?.importedIds ?? []) found.add(next);
  }
  return found;
}
