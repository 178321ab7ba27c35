/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  /** The text after BEGIN: `CERTIFICATE` in `-----BEGIN CERTIFICATE-----`. */
  readonly label: string;
  /** The block with its first and last line; it ends with one line feed. */
  readonly text: string;
}

/**
 * Returns the blocks of a PEM text in order; undefined if a block has no END line. Text between the blocks, such as the
 * attributes that OpenSSL writes, is skipped.
 */
export function pemBlocks(text: string): readonly PemBlock[] | undefined {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let lines: string[] = [];
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (label === undefined) label = labelOf(line, "BEGIN");
    else if (labelOf(line, "BEGIN") !== undefined) return undefined;
    if (label !== undefined) lines.push(line);
    if (label === undefined || labelOf(line, "END") !== label) continue;
    blocks.push({ label, text: pemText(lines.join("\n")) });
    label = undefined;
    lines = [];
  }
  return label === undefined ? blocks : undefined;
}

/**
 * Returns the text with exactly one final line feed, so that it can be concatenated with another PEM text or written to a file.
 */
export function pemText(text: string): string {
  return `${text.trimEnd()}\n`;
}

function labelOf(line: string, boundary: "BEGIN" | "END"): string | undefined {
  const start = `-----${boundary} `;
  return line.startsWith(start) && line.endsWith("-----") ? line.slice(start.length, -5) : undefined;
}
