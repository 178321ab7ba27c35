import type { Finding } from "@tacit/core";

/** Findings as lines of a table, the gravest first, each tip below its finding. */
export function toTable(findings: readonly Finding[]): string {
  if (findings.length === 0) return "no findings\n";
  const rows = findings.toSorted((a, b) => gravity[a.level] - gravity[b.level]).map(toCells);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const indent = " ".repeat((widths[0] ?? 0) + 2);
  const lines = rows.flatMap(({ cells, tip }) => [line(cells), ...(tip === undefined ? [] : [`${indent}> ${tip}`])]);
  return `${[line(header), ...lines].join("\n")}\n`;
}

const gravity = { error: 0, warning: 1, info: 2 } as const;
const header = ["LEVEL", "WHERE", "CODE", "MESSAGE"];

function toCells({ level, provider, reference, code, message, tip }: Finding) {
  return { cells: [level, provider ?? reference ?? "-", code, message], tip };
}
