import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import { bytesPerOperation } from "./measure/heap.ts";
import { cachedPeers, readLoopOf } from "./peers/cached-peers.ts";
import { cachedTacit } from "./peers/cached-tacit.ts";

/** Too slow to repeat 20,000 times seven times over, and nobody reads a file per request for its heap. */
const skipped = new Set(["fs.promises.readFile (tmpfs)", "readFileSync (tmpfs)"]);

/** P3: what one cached read leaves for the collector. */
export const bench: Bench = {
  id: "heap",
  title: "Heap per cached read",
  flags: ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"],
  repeats: 1,
  timeoutMs: 90_000,
  async run() {
    const absent: Absence[] = [];
    const bytes = new Map<string, number>();
    for (const [name, prepare] of cachedPeers) {
      if (skipped.has(name)) continue;
      const peer = await orAbsent(name, absent, prepare);
      if (peer !== undefined) bytes.set(name, await bytesPerOperation(readLoopOf(peer)));
    }
    const tacit = await orAbsent("Tacit", absent, cachedTacit);
    for (const contender of tacit?.contenders.slice(0, 4) ?? []) {
      bytes.set(contender.name, await bytesPerOperation(readLoopOf(contender)));
    }
    await tacit?.close();
    const rows: Row[] = [...bytes].map(([contender, value]) => ({
      group: "Heap per cached read",
      contender,
      values: { "B/op": value },
    }));
    const goals = measured({
      "P3.sync": bytes.get("Tacit latest().reveal()"),
      "P3.async": bytes.get("Tacit (await getSecret).reveal()"),
    });
    return { rows, goals, absent };
  },
};
