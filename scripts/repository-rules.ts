import { basename } from "node:path";
import { adapterListFile } from "./adapter-list.ts";
import type { RepositoryFile } from "./repository-files.ts";

/** Something that holds for each file of the repository. */
export interface RepositoryRule {
  readonly title: string;
  /** What is wrong with this file; undefined when nothing is. */
  problem(file: RepositoryFile): string | undefined;
}

const sourceLines = 400;
const testLines = 400;
const entryPointLines = 60;
const vagueNames: ReadonlySet<string> = new Set(["util", "utils", "helper", "helpers", "common", "misc", "types"]);
/** Home folders and checkouts of one machine, and package hosts, which each installation configures for itself. */
const machineTraces =
  /(?<![\w.}])\/(?:home|Users|root|work)\/[A-Za-z0-9_.-]+|\b[A-Z]:\\Users\\|\bregistry\.(?:npmjs|yarnpkg|npmmirror)\.\w+|\b(?:artifactory|nexus|verdaccio)\.[a-z0-9-]+\.[a-z]+|_authToken\s*=/;

/** Some rules know the entry points, as paths from the root. */
export function repositoryRules(entryPoints: ReadonlySet<string>): readonly RepositoryRule[] {
  return [
    {
      title: `a source file has at most ${sourceLines} lines, a test ${testLines}, an entry point ${entryPointLines}`,
      problem({ path, text }) {
        if (!path.endsWith(".ts")) return undefined;
        const limit = isTest(path) ? testLines : isEntryPoint(path, entryPoints) ? entryPointLines : sourceLines;
        const lines = text.split("\n").length - 1;
        return lines > limit ? `${lines} lines, ${limit} at most` : undefined;
      },
    },
    {
      title: "a file is named after what it holds",
      problem({ path }) {
        const name = basename(path).replace(/\..*$/, "");
        if (!/\.[cm]?[jt]sx?$/.test(path)) return undefined;
        if (vagueNames.has(name)) return `"${name}" names nothing`;
        return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? undefined : `"${name}" is not kebab-case`;
      },
    },
    {
      title: "no file is empty",
      problem: ({ text }) => (text === "" ? "it holds nothing" : undefined),
    },
    {
      title: "no file names a machine or a package host",
      problem: ({ text }) => machineTraces.exec(text)?.[0],
    },
    {
      title: "no test is skipped or runs alone",
      problem: ({ path, text }) =>
        isTest(path) ? /\b(?:test|it|describe)\.(?:only|skip|todo)\b/.exec(text)?.[0] : undefined,
    },
    {
      title: "no open end without an issue",
      problem: ({ path, text }) =>
        path.endsWith(".ts") ? /\/[/*].*\b(?:TO[D]O|FIX[M]E|X[X]X)\b(?!.*#\d+)/.exec(text)?.[0] : undefined,
    },
  ];
}

function isTest(path: string): boolean {
  return /\.(test|test-d|e2e|bench)\.ts$/.test(path);
}

function isEntryPoint(path: string, entryPoints: ReadonlySet<string>): boolean {
  // A list that is written for all adapters is as long as they are many.
  return entryPoints.has(path) && path !== adapterListFile;
}
