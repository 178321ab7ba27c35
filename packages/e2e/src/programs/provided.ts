import { inject } from "vitest";
import type {} from "./global-setup.ts";
import type { ProgramName } from "./programs.ts";

/** Whether all of these are there; tests that need them are skipped otherwise. */
export function hasPrograms(...names: readonly ProgramName[]): boolean {
  const paths = inject("programs");
  return names.every((name) => paths[name] !== undefined);
}

/**
 * The path of a program.
 * @throws when it is not there
 */
export function programPath(name: ProgramName): string {
  const path = inject("programs")[name];
  if (path === undefined) throw new Error(`there is no ${name} on this machine`);
  return path;
}
