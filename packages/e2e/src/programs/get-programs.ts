import { programSources } from "./program-source.ts";
import type { ProgramName } from "./programs.ts";

/** What there is of the programs that the tests start. */
export interface FoundPrograms {
  readonly paths: Readonly<Partial<Record<ProgramName, string>>>;
  /** Why the others are not there, one sentence each. */
  readonly missing: readonly string[];
}

/** Finds every program, and gets those that are not here, one after the other: each keeps the whole machine busy. */
export async function getPrograms(): Promise<FoundPrograms> {
  const paths: Partial<Record<ProgramName, string>> = {};
  const missing: string[] = [];
  for (const { name, variable, requirement, find, canGet, get } of programSources) {
    const path = find() ?? (canGet() ? await get() : undefined);
    if (path !== undefined) paths[name] = path;
    else missing.push(`no ${name}, and nothing to get it with: install ${requirement}, or set ${variable}`);
  }
  return { paths, missing };
}
