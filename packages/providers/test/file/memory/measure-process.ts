import type { MemoryCases, MemoryReport } from "./memory-cases.ts";

// Opens the files of one module of cases, and sends a report for each case. Argument: the address of the module.
const { format } = (await import(process.argv[2] ?? "")) as { readonly format: MemoryCases };
await format.warmUp();
globalThis.gc?.();
const before = process.memoryUsage.rss();
for (const { title, run } of format.cases) {
  // The files of the cases before are no part of this one.
  globalThis.gc?.();
  const outcomes = [...new Set(await run())];
  const growthBytes = process.resourceUsage().maxRSS * 1024 - before;
  process.send?.({ title, outcomes, growthBytes } satisfies MemoryReport);
}
process.disconnect();
