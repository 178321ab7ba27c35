import { type Absence, type Bench, measured, orAbsent, type Row, ratio } from "./bench.ts";
import { assertReads, names, valueFor } from "./fixture.ts";
import { interleave, type Timed, type Timing } from "./measure/interleave.ts";
import { type CachedPeer, cachedPeers, readLoopOf } from "./peers/cached-peers.ts";
import { type CachedTacit, cachedTacit } from "./peers/cached-tacit.ts";

const reveal = "(await getSecret).reveal()";

/** P1, P2, P4 and P5: a read of something that is already held. */
export const bench: Bench = {
  id: "get",
  title: "Cached read",
  repeats: 3,
  timeoutMs: 60_000,
  async run() {
    const absent: Absence[] = [];
    const contenders: Timed[] = [];
    for (const [name, prepare] of cachedPeers) {
      const peer = await orAbsent(name, absent, () => proven(prepare));
      if (peer !== undefined) contenders.push(timed(peer));
    }
    const tacit = await orAbsent("Tacit", absent, cachedTacit);
    for (const contender of tacit?.contenders ?? []) {
      await assertReads(
        contender.name,
        contender.keys,
        async (key) => contender.reveal(await contender.read(key)),
        contender.expected,
      );
      contenders.push(timed(contender));
    }
    const timings = await interleave(contenders);
    const parses = await tacit?.parses();
    await tacit?.close();
    return { rows: rowsOf(timings), goals: goalsOf(timings, parses), absent };
  },
};

async function proven(prepare: () => CachedPeer | Promise<CachedPeer>): Promise<CachedPeer> {
  const peer = await prepare();
  await assertReads(peer.name, peer.keys, peer.read, (key) => valueFor(names[peer.keys.indexOf(key)] ?? ""));
  return peer;
}

function timed(contender: CachedPeer | CachedTacit): Timed {
  return { name: contender.name, run: readLoopOf(contender) };
}

function rowsOf(timings: ReadonlyMap<string, Timing>): readonly Row[] {
  const map = timings.get("Map.get")?.median ?? Number.NaN;
  const floor = timings.get("async floor")?.median ?? Number.NaN;
  return [...timings].map(([contender, timing]) => ({
    group: "Cached read",
    contender,
    values: { "ns/op": timing.median, "x Map.get": timing.median / map, "x async floor": timing.median / floor },
  }));
}

function goalsOf(timings: ReadonlyMap<string, Timing>, parses: number | undefined): ReturnType<typeof measured> {
  const of = (name: string): number | undefined => timings.get(name)?.median;
  const floor = of("async floor");
  const read = of("Tacit getSecret");
  return measured({
    P1: ratio(of("Tacit latest"), of("Map.get")),
    "P1.reveal": ratio(of("Tacit latest().reveal()"), of("Map.get")),
    P2: ratio(read, floor),
    "P2.reveal": ratio(of(`Tacit ${reveal}`), floor),
    "P2.powertools": ratio(of("powertools BaseProvider"), read),
    "P2.unstorage": ratio(of("unstorage memory"), read),
    "P2.keyv": ratio(of("keyv memory"), read),
    "P4.refreshing": ratio(of("Tacit getSecret, refresh in flight"), read),
    "P4.stale": ratio(of("Tacit getSecret, stale"), read),
    "P4.listeners": ratio(of("Tacit getSecret, 10 listeners"), read),
    P5: ratio(of("Tacit getSecret, 10-field JSON"), read),
    "P5.parses": parses,
  });
}
