import { fork } from "node:child_process";
import type { MemoryReport } from "./memory-cases.ts";

/**
 * Opens the hostile files of a module in a process with a small heap, which ends where it is not enough. The peak of resident memory counts
 * heap, buffers and what native code takes, and cannot be missed between two samples.
 * @param module the address of a module that exports its `MemoryCases` as `format`
 */
export async function measure(module: URL, capBytes: number): Promise<readonly MemoryReport[]> {
  const heapMebibytes = 64 + Math.ceil((2 * capBytes) / mebibyte);
  const child = fork(new URL("measure-process.ts", import.meta.url), [module.href], {
    execArgv: [
      ...["--conditions=@tacit/source", "--expose-gc", "--max-semi-space-size=1"],
      // Where other threads collect garbage, the peak depends on how busy the machine is.
      "--single-threaded",
      `--max-old-space-size=${heapMebibytes}`,
    ],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const reports: MemoryReport[] = [];
  child.on("message", (report: MemoryReport) => void reports.push(report));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("exit", resolve));
  if (code !== 0) throw new Error(`the process ended with ${code} after ${reports.at(-1)?.title ?? "its start"}`);
  return reports;
}

/** What a format may take: twice its cap, and what an engine keeps although nobody uses it: garbage, compiled code, freed pages. */
export function mostGrowth(capBytes: number): number {
  return 2 * capBytes + 32 * mebibyte;
}

const mebibyte = 1024 * 1024;
