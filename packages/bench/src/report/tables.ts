import type { Row } from "../bench.ts";
import { type Goal, type GoalKey, goals, isMet } from "../goals.ts";
import type { Results } from "./results.ts";

/** How a goal stands. */
export type Verdict = "met" | "missed" | "not measured";

/** One goal and what was measured for it. */
export interface Standing {
  readonly key: GoalKey;
  readonly goal: Goal;
  /** `null`: it never came to an end; undefined: not measured. */
  readonly figure: number | null | undefined;
  readonly verdict: Verdict;
}

/** Every goal against the results, in the order of the goals. */
export function standings(results: Results): readonly Standing[] {
  const figures = new Map(Object.values(results.benches).flatMap((bench) => Object.entries(bench.goals)));
  return [...goals].map(([key, goal]) => {
    const figure = figures.get(key);
    return { key, goal, figure, verdict: verdictOf(goal, figure) };
  });
}

function verdictOf(goal: Goal, figure: number | null | undefined): Verdict {
  if (figure === undefined) return "not measured";
  return figure !== null && isMet(goal, figure) ? "met" : "missed";
}

/** The goals as a Markdown table. */
export function goalTable(results: Results): string {
  const rows = standings(results).map((standing) => [
    standing.goal.id,
    standing.goal.text,
    limit(standing.goal),
    measured(standing),
    standing.verdict === "missed" ? "**missed**" : standing.verdict,
  ]);
  return markdownTable(["goal", "what", "limit", "measured", ""], rows);
}

/** What a user asks first -> the goal that answers it, in the words of a user. */
const questions: readonly (readonly [question: string, key: GoalKey])[] = [
  ["reading a value in a request: `latest(alias).reveal()`", "P1.reveal"],
  ["the same with `await getSecret(alias)`, cached", "P2.reveal"],
  ["store calls for 1,000 first reads of one secret at once", "P6.one"],
  ["from a changed volume to a listener, slowest of 100", "P7.p99"],
  ["a user name with the password of another version, in 10,000 rotations", "P8.torn"],
  ["what importing core, file and env takes", "P13.ms"],
  ["and in memory", "P13.rss"],
  ["masking a clean log line of 300 bytes, 100 values known", "R1"],
];

/** A few figures as a Markdown table, for whoever reads no further. */
export function summaryTable(results: Results): string {
  const figures = new Map(standings(results).map((standing) => [standing.key, standing]));
  const rows = questions.map(([question, key]) => {
    const standing = figures.get(key);
    if (standing === undefined) throw new Error(`there is no goal ${key}`);
    return [question, measured(standing), standing.goal.id];
  });
  return markdownTable(["question", "measured", "goal"], rows);
}

/** Every contender of every bench, as Markdown. */
export function contenderTables(results: Results): string {
  const sections = Object.values(results.benches).map(({ title, rows, absent }) => {
    const tables = [...Map.groupBy(rows, ({ group }) => group)].map(([group, members]) => groupTable(group, members));
    const missing = absent.map(({ contender, reason }) => `- ${contender} could not run: ${reason}`);
    return [`### ${title}`, ...tables, ...(missing.length === 0 ? [] : [missing.join("\n")])].join("\n\n");
  });
  return sections.join("\n\n");
}

function groupTable(group: string, rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const cells = rows.map(({ contender, values, unended }) => [
    contender,
    ...columns.map((column) => cell(values[column], unended)),
  ]);
  return markdownTable([group, ...columns], cells);
}

function cell(value: number | null | undefined, unended = "never"): string {
  if (value === undefined) return "";
  return value === null ? unended : readable(value);
}

/** Columns are padded, as the formatter wants them. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function measured({ goal, figure }: Standing): string {
  if (figure === null) return "never";
  return figure === undefined ? "-" : `${readable(figure)} ${goal.unit}`;
}

function limit({ min, max, unit }: Goal): string {
  return min === undefined ? `<= ${readable(max ?? 0)} ${unit}` : `>= ${readable(min)} ${unit}`;
}

/** Three digits that count, thousands apart. */
function readable(value: number): string {
  if (Math.abs(value) < 0.005) return "0";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toFixed(digits);
  const [whole = "", part = ""] = text.split(".");
  const fraction = part.replace(/0+$/, "");
  return whole.replaceAll(/\B(?=(\d{3})+$)/g, ",") + (fraction === "" ? "" : `.${fraction}`);
}
