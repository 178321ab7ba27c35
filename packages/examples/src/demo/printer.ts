/** Prints what the demo has to say, keeps a progress line at the bottom of a terminal, and remembers every byte. */
export interface Printer {
  readonly printed: readonly string[];
  line(text?: string): void;
  /** What is being done now; the next line or progress replaces it. */
  progress(text: string): void;
}

export function createPrinter(output: NodeJS.WriteStream = process.stdout): Printer {
  const printed: string[] = [];
  let pending = false;
  const write = (text: string): void => {
    printed.push(text);
    output.write(text);
  };
  const clear = (): void => {
    if (pending && output.isTTY) write("\r\u001b[K");
    pending = false;
  };
  return {
    printed,
    line(text = "") {
      clear();
      write(`${text}\n`);
    },
    progress(text) {
      clear();
      write(output.isTTY ? `  … ${text}` : `  … ${text}\n`);
      pending = true;
    },
  };
}
