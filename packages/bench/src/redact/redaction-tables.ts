import { type Absence, orAbsent, type Row } from "../bench.ts";
import { type ChildOptions, runChild } from "../measure/child.ts";
import { lineMaskers } from "../peers/line-maskers.ts";
import { pinoLoggers } from "../peers/pino-loggers.ts";
import { longTexts } from "./long-texts.ts";

/** The name of a table. */
export const groups = {
  line: "One request line of 300 bytes, ns added",
  pino: "pino into /dev/null, % of plain pino",
  blob: "1 MB without a value",
  rotation: "One value more, one less, at 1,000",
  firstLine: "The first line after 1,000 reveals",
  weight: "Memory of 1,000 values",
  length: "1 MB of one kind of text",
} as const;

type Values = Record<string, number>;

const seconds = 1_000;

/** What masking adds to a line, by how many values there are; those of one table row ran side by side. */
export async function lineRows(absent: Absence[]): Promise<readonly Row[]> {
  const settings = [
    ["1 value", "1", "tokens"],
    ["10 values", "10", "tokens"],
    ["100 values", "100", "tokens"],
    ["1,000 values", "1000", "tokens"],
    ["100 tokens of one issuer", "100", "issued"],
    ["100 of five kinds", "100", "mixed"],
    ["1,000 of five kinds", "1000", "mixed"],
  ] as const;
  const rows: Row[] = [];
  for (const [label, ...args] of settings) {
    const found = await cell<Record<string, Values>>(`redaction, ${label}`, absent, "redact-line", args);
    const regexp = found?.["one RegExp"]?.clean ?? Number.NaN;
    for (const contender of found === undefined ? [] : lineMaskers.keys()) {
      const { clean = Number.NaN, ...others } = found?.[contender] ?? {};
      const values = { clean, "x one RegExp": clean / regexp, ...others };
      rows.push({ group: groups.line, contender: `${contender}, ${label}`, values });
    }
  }
  return rows;
}

/** The throughput of pino, each contender in turns with plain pino and in a process of its own for each kind of line. */
export async function pinoRows(absent: Absence[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { name, kinds = ["request"] } of pinoLoggers) {
    const values: Values = {};
    for (const kind of kinds) {
      const found = await cell<Values>(`${name}, ${kind}`, absent, "redact-pino", [name, kind]);
      if (found?.percent === undefined || found["ns added"] === undefined) continue;
      values[`${kind} line`] = found.percent;
      if (kind === "request") values["ns added to it"] = found["ns added"];
    }
    if (Object.keys(values).length > 0) rows.push({ group: groups.pino, contender: name, values });
  }
  return rows;
}

/** Text that is much longer than a line. */
export async function blobRows(absent: Absence[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [label, count] of [["10 values", "10"] as const, ["1,000 values", "1000"] as const]) {
    const json = await cell<Values>(`1 MB of JSON, ${label}`, absent, "redact-blob", [count, "json"]);
    const log = await cell<Values>(`1 MB of log, ${label}`, absent, "redact-blob", [count, "log"]);
    for (const contender of Object.keys(json ?? {})) {
      const values = {
        "one line of JSON, GB/s": json?.[contender] ?? null,
        "log lines, GB/s": log?.[contender] ?? null,
      };
      rows.push({ group: groups.blob, contender: `${contender}, ${label}`, values });
    }
  }
  return rows;
}

/** A value comes and a value goes while a thousand others stay. */
export async function rotationRows(absent: Absence[]): Promise<readonly Row[]> {
  return rowsOf(groups.rotation, "redact-rotation", absent, [
    ["one RegExp, tokens", "one RegExp", "tokens"],
    ["Tacit, tokens", "Tacit", "tokens"],
    ["Tacit, five kinds", "Tacit", "mixed"],
    ["Tacit, tokens, 2,000 released before", "Tacit", "tokens", "2000"],
  ]);
}

/** Values are made ready in turns of the event loop, and what is left of them with the first line. */
export async function firstLineRows(absent: Absence[]): Promise<readonly Row[]> {
  return rowsOf(groups.firstLine, "redact-first-line", absent, [
    ["Tacit, in the same turn", "0"],
    ["Tacit, 200 turns later", "200"],
  ]);
}

/** What a thousand values weigh, with everything that is made of them. */
export async function weightRows(absent: Absence[]): Promise<readonly Row[]> {
  const designs = [
    ["one RegExp, tokens", "one RegExp", "tokens"],
    ["one RegExp, five kinds", "one RegExp", "mixed"],
    ["Tacit, tokens", "Tacit redactJson", "tokens"],
    ["Tacit, five kinds", "Tacit redactJson", "mixed"],
  ] as const;
  return rowsOf(groups.weight, "redact-weight", absent, designs, { flags: ["--expose-gc"] });
}

/** How the time grows with the length of a text; one that grows with its square is killed before it has come to its end. */
export async function lengthRows(absent: Absence[]): Promise<readonly Row[]> {
  const kinds = [...longTexts.keys()].map((kind) => [kind, kind] as const);
  return rowsOf(groups.length, "redact-length", absent, kinds, { timeoutMs: 30 * seconds });
}

async function rowsOf(
  group: string,
  script: string,
  absent: Absence[],
  cells: readonly (readonly [contender: string, ...args: string[]])[],
  options: ChildOptions = {},
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [contender, ...args] of cells) {
    const values = await cell<Values>(contender, absent, script, args, options);
    if (values !== undefined) rows.push({ group, contender, values });
  }
  return rows;
}

function cell<T>(
  contender: string,
  absent: Absence[],
  script: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<T | undefined> {
  const url = new URL(`../child/${script}.ts`, import.meta.url);
  return orAbsent(contender, absent, () => runChild<T>(url, { timeoutMs: 20 * seconds, args, ...options }));
}
