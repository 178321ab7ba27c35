import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./workspace.ts";

/** One file that is, or is about to be, in the repository. */
export interface RepositoryFile {
  /** From the root. */
  readonly path: string;
  readonly text: string;
}

/** Every text file that git tracks or would add. */
export function repositoryFiles(): readonly RepositoryFile[] {
  const listing = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const output = execFileSync("git", listing, { cwd: repository, encoding: "utf8", maxBuffer: 16 << 20 });
  return output
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(repository, path)))
    .map((path) => ({ path, text: readFileSync(join(repository, path), "utf8") }))
    .filter(({ text }) => !text.includes("\0"));
}
