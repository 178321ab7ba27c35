/** Text that ends with exactly one line feed, so that it can be joined with another PEM text and written to a file. */
export function pemText(text: string): string {
  return `${text.trimEnd()}\n`;
}
