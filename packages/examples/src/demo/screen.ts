/** Where the demo writes. */
export interface Screen {
  /** A line that stays. */
  print(line?: string): void;
  /** What goes on now. A terminal shows it in one line that changes; elsewhere each new activity is a line of its own. */
  progress(activity: string, detail?: string): void;
  /** Everything that was written so far. */
  readonly written: string;
}

const clearLine = "\r\u001b[2K";

/** Writes to a terminal, a pipe or a file. */
export function createScreen(stream: NodeJS.WriteStream): Screen {
  let written = "";
  let activity = "";
  const write = (text: string): void => {
    written += text;
    stream.write(text);
  };
  return {
    print: (line = "") => write(`${stream.isTTY ? clearLine : ""}${line}\n`),
    progress(next, detail = "") {
      if (stream.isTTY) write(`${clearLine}  ... ${next}${detail === "" ? "" : `, ${detail}`}`);
      else if (next !== activity) write(`  ... ${next}\n`);
      activity = next;
    },
    get written() {
      return written;
    },
  };
}
