/** One link of a Markdown page. */
export interface MarkdownLink {
  /** What stands in the parentheses: `docs/errors.md#not_found`, `#install`. */
  readonly target: string;
}

/** One heading, with the anchor that a forge gives it. */
export interface MarkdownHeading {
  readonly level: number;
  readonly title: string;
  readonly anchor: string;
}

/** The links of a page; what stands in code is none. */
export function markdownLinks(text: string): readonly MarkdownLink[] {
  const prose = withoutFences(text).replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\[[^\]]*\]\(([^)\s]+)[^)]*\)/g)].map(([, target = ""]) => ({ target }));
}

/** The headings of a page, in order. A title that comes again has a number behind its anchor. */
export function markdownHeadings(text: string): readonly MarkdownHeading[] {
  /** anchor without its number -> how often it came */
  const seen = new Map<string, number>();
  return [...withoutFences(text).matchAll(/^(#{1,6}) +(.+)$/gm)].map(([, marks = "", title = ""]) => {
    const anchor = toAnchor(title);
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return {
      level: marks.length,
      title: title.replaceAll("`", "").trim(),
      anchor: before === 0 ? anchor : `${anchor}-${before}`,
    };
  });
}

/** The text from one heading to the next of the same or a higher level. */
export function markdownSection(text: string, title: string): string | undefined {
  const lines = text.split("\n");
  const start = lines.findIndex(
    (line) => /^#+ /.test(line) && line.replace(/^#+ +/, "").replaceAll("`", "").trim() === title,
  );
  if (start === -1) return undefined;
  const level = /^#+/.exec(lines[start] ?? "")?.[0].length ?? 0;
  const length = lines.slice(start + 1).findIndex((line) => (/^#+(?= )/.exec(line)?.[0].length ?? 7) <= level);
  return lines.slice(start, length === -1 ? undefined : start + 1 + length).join("\n");
}

function toAnchor(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

function withoutFences(text: string): string {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "");
}
