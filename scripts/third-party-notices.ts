import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes down the packages that a bundle holds parts of, each with its licence, which has to travel with them.
 * @param inputs the files of the bundle, from the working directory or absolute
 * @returns "" if there are none
 * @throws when a package has no file with its licence
 */
export function thirdPartyNotices(inputs: readonly string[]): string {
  const folders = inputs.flatMap((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? []);
  const notices = [...new Set(folders)].map(notice).toSorted();
  if (notices.length === 0) return "";
  return ["This package contains parts of the following packages.", ...notices].join(`\n\n${"-".repeat(80)}\n\n`);
}

function notice(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${manifest.name} has no file with its licence`);
  const text = readFileSync(join(folder, file), "utf8").trim();
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text}`;
}
