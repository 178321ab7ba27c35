import type { Bench } from "./bench.ts";

/** bench -> what loads it; in the order in which they run */
export const benches: ReadonlyMap<string, () => Promise<{ readonly bench: Bench }>> = new Map([
  ["get", () => import("./get.bench.ts")],
  ["heap", () => import("./heap.bench.ts")],
  ["cold", () => import("./cold.bench.ts")],
  ["memory", () => import("./memory.bench.ts")],
  ["import", () => import("./import.bench.ts")],
  ["first-secret", () => import("./first-secret.bench.ts")],
  ["exit", () => import("./exit.bench.ts")],
  ["first-load", () => import("./first-load.bench.ts")],
  ["swap", () => import("./swap.bench.ts")],
  ["pair", () => import("./pair.bench.ts")],
  ["scale", () => import("./scale.bench.ts")],
  ["loop", () => import("./loop.bench.ts")],
  ["cycles", () => import("./cycles.bench.ts")],
  ["fleet", () => import("./fleet.bench.ts")],
  ["redact", () => import("./redact.bench.ts")],
  ["kubernetes-import", () => import("./kubernetes-import.bench.ts")],
  ["kubernetes-watch", () => import("./kubernetes-watch.bench.ts")],
  ["kubernetes-update", () => import("./kubernetes-update.bench.ts")],
  ["kubernetes-recovery", () => import("./kubernetes-recovery.bench.ts")],
  ["cloud-read", () => import("./cloud-read.bench.ts")],
  ["vault-read", () => import("./vault-read.bench.ts")],
  ["vault-many", () => import("./vault-many.bench.ts")],
  ["vault-login", () => import("./vault-login.bench.ts")],
  ["vault-recovery", () => import("./vault-recovery.bench.ts")],
]);
