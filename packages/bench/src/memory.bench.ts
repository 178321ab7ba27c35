import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import { runChild } from "./measure/child.ts";
import { memoryDesigns } from "./peers/memory-designs.ts";

/** P12: what a hundred thousand held secrets weigh, each design in a process of its own. */
export const bench: Bench = {
  id: "memory",
  title: "Memory per held secret",
  repeats: 1,
  timeoutMs: 120_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    for (const contender of memoryDesigns.keys()) {
      const values = await orAbsent(contender, absent, () => weigh(contender));
      if (values !== undefined) rows.push({ group: "Bytes per held secret, 100,000 held", contender, values });
    }
    const heap = (name: string): number | undefined =>
      rows.find(({ contender }) => contender === name)?.values["heap B"] ?? undefined;
    const quiet = heap("Tacit, declared");
    const listened = heap("Tacit, declared, 1 listener");
    const added = quiet === undefined || listened === undefined ? undefined : listened - quiet;
    const goals = measured({ "P12.undeclared": heap("Tacit, undeclared"), P12: quiet, "P12.listener": added });
    return { rows, goals, absent };
  },
};

function weigh(contender: string): Promise<Record<string, number>> {
  return runChild(new URL("./child/memory-weight.ts", import.meta.url), { flags: ["--expose-gc"], args: [contender] });
}
