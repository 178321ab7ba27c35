import { type Absence, type Bench, type BenchReport, measured, type Row } from "./bench.ts";
import { longTexts } from "./redact/long-texts.ts";
import {
  blobRows,
  firstLineRows,
  groups,
  lengthRows,
  lineRows,
  pinoRows,
  rotationRows,
  weightRows,
} from "./redact/redaction-tables.ts";

/** R1 to R7: what redaction costs a line, pino, a long text, a rotation, the memory and the first line; every cell in a process of its own. */
export const bench: Bench = {
  id: "redact",
  title: "Redaction",
  repeats: 1,
  timeoutMs: 240_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    for (const table of [lineRows, pinoRows, blobRows, rotationRows, firstLineRows, weightRows, lengthRows]) {
      rows.push(...(await table(absent)));
    }
    return { rows, goals: goalsOf(rows), absent };
  },
};

function goalsOf(rows: readonly Row[]): BenchReport["goals"] {
  const rowOf = (group: string, contender: string): Readonly<Row["values"]> =>
    rows.find((row) => row.group === group && row.contender === contender)?.values ?? {};
  const line = rowOf(groups.line, "Tacit redactJson, 100 values");
  return measured({
    // of a line in one piece: joining its parts is work of whoever writes it
    R1: line.clean,
    "R2.ten": rowOf(groups.pino, "Tacit redactPino, 10 values")["request line"],
    "R2.thousand": rowOf(groups.pino, "Tacit redactPino, 1,000 values")["request line"],
    R3: rowOf(groups.blob, "Tacit redact, 1,000 values")["one line of JSON, GB/s"],
    R4: rowOf(groups.rotation, "Tacit, tokens")["add ms"],
    R5: rowOf(groups.weight, "Tacit, tokens")["kB per value"],
    "R5.mixed": rowOf(groups.weight, "Tacit, five kinds")["kB per value"],
    R6: worstGrowth(rows.filter(({ group }) => group === groups.length)),
    R7: rowOf(groups.firstLine, "Tacit, in the same turn")["first line, ms"],
    "R7.turn": rowOf(groups.firstLine, "Tacit, 200 turns later")["longest turn, ms"],
  });
}

/** A kind of text that is not there was killed: it took for ever. */
function worstGrowth(rows: readonly Row[]): number | undefined {
  if (rows.length < longTexts.size) return Number.POSITIVE_INFINITY;
  const growths = rows.flatMap(({ values }) => Object.entries(values).filter(([column]) => column.endsWith("x 64 kB")));
  return worst(growths.map(([, growth]) => growth));
}

function worst(figures: readonly (number | null | undefined)[]): number | undefined {
  const known = figures.filter((figure) => typeof figure === "number");
  return known.length < figures.length ? undefined : Math.max(...known);
}
