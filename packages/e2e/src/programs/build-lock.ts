import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs one task at a time among all processes that name the same lock file. A lock whose owner has ended without
 * removing it is taken over. It saves work and guards nothing: tasks must survive running twice.
 */
export async function withBuildLock<T>(file: string, task: () => Promise<T>): Promise<T> {
  while (!take(file)) await sleep(500);
  try {
    return await task();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!isOwned(file)) rmSync(file, { force: true });
    return false;
  }
}

function isOwned(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return true;
  } catch (error) {
    // Another user's process is alive too; a file that is gone has no owner.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
