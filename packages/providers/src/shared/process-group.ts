import type { ChildProcess, SpawnOptions } from "node:child_process";

/** Starts a program in a separate process group, so that one signal also reaches the programs that it has started. On Windows, which has no groups, `detached` would open a window. */
export const inGroup: Pick<SpawnOptions, "detached" | "windowsHide"> = {
  detached: process.platform !== "win32",
  windowsHide: true,
};

/** Kills a program that was started in a group, with all of the group. */
export function killGroup(child: ChildProcess): void {
  // Undefined if the program could not be started.
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // On Windows there is no group; elsewhere the group may have ended.
    child.kill("SIGKILL");
  }
}
