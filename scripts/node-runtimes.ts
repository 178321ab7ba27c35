import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** One version of Node to try the packages on. */
export interface NodeRuntime {
  readonly version: string;
  /** The binary's path. */
  readonly binary: string;
}

/** The oldest version that `engines` admits, where `require()` of an ES module first works without a warning. */
const floor = "22.13.1";

/** The floor, from the npm package `node`, installed once outside the repository; and the version that runs this script. */
export function nodeRuntimes(): readonly NodeRuntime[] {
  return [installed(floor), { version: process.versions.node, binary: process.execPath }];
}

/** A version that `engines` does not admit. */
export function outdatedNode(): NodeRuntime {
  return installed("20.19.5");
}

function installed(version: string): NodeRuntime {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = join(cache, "tacit", `node-${version}`);
  const binary = join(folder, "node_modules/node/bin/node");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    // Its install script fetches the binary for this platform as one more npm package.
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--no-save", "--prefix", folder, `node@${version}`], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      timeout: 300_000,
    });
  }
  const answer = execFileSync(binary, ["--version"], { encoding: "utf8" }).trim();
  if (answer !== `v${version}`) throw new Error(`${binary} says ${answer}, not v${version}`);
  return { version, binary };
}
