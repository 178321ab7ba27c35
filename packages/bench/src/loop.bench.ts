import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import { runChild } from "./measure/child.ts";

const contenders = ["fs.watch(dir)", "chokidar 5, files", "Tacit watch"] as const;

/** P19: how long one swap of ten thousand keys holds up everything else in the process. */
export const bench: Bench = {
  id: "loop",
  title: "Event loop under a large swap",
  repeats: 1,
  timeoutMs: 120_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    for (const contender of contenders) {
      const values = await orAbsent(contender, absent, () =>
        runChild<Row["values"]>(new URL("./child/loop-block.ts", import.meta.url), { args: [contender] }),
      );
      if (values !== undefined) rows.push({ group: "One swap of 10,000 keys", contender, values });
    }
    const block = rows.find(({ contender }) => contender === "Tacit watch")?.values["longest block ms"];
    return { rows, goals: measured({ P19: block }), absent };
  },
};
