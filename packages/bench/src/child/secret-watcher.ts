import { setTimeout as sleep } from "node:timers/promises";
import { sharedNow } from "../double/writer.ts";
import { secretValue } from "../kubernetes/secret-value.ts";
import { establishedConnections } from "../measure/handles.ts";
import { collectGarbage } from "../measure/heap.ts";
import { secretWatchers, type WatchedSecrets } from "../peers/secret-watchers.ts";

/** Who watches what. */
export interface WatcherSettings extends WatchedSecrets {
  readonly contender: string;
}

/** What it took until all watches stood. */
export interface StartFigures {
  /** Since the process began. */
  readonly wallMs: number;
  /** Of all threads, since the process began. */
  readonly cpuMs: number;
  /** Of the whole process. */
  readonly rssMb: number;
  /** To the API server. */
  readonly connections: number;
}

/** What the parent is told. */
export type WatcherMessage =
  | { readonly kind: "started"; readonly figures: StartFigures }
  | { readonly kind: "seen"; readonly name: string; readonly value: string; readonly at: number };

// Its parent may be killed while it starts.
process.once("disconnect", () => process.exit());

const settings = JSON.parse(process.argv[2] ?? "") as WatcherSettings;
const watch = secretWatchers.get(settings.contender);
if (watch === undefined) throw new Error("no such watcher");

const first = secretValue(0);
const complete = Promise.withResolvers<void>();
const missing = new Set(settings.names);
await watch(settings, (name, value) => {
  const at = sharedNow();
  if (value !== first) return tell({ kind: "seen", name, value, at });
  missing.delete(name);
  if (missing.size === 0) complete.resolve();
});
if (missing.size > 0) await complete.promise;
const wallMs = performance.now();
const { user, system } = process.cpuUsage();
// Sockets that were opened for the first reads and are not kept get the time to close.
await sleep(1_000);
collectGarbage();
const figures: StartFigures = {
  wallMs,
  cpuMs: (user + system) / 1_000,
  rssMb: process.memoryUsage.rss() / 2 ** 20,
  connections: establishedConnections(Number(process.env.KUBERNETES_SERVICE_PORT)),
};
tell({ kind: "started", figures });

function tell(message: WatcherMessage): void {
  if (process.connected) process.send?.(message);
}
