import type { WriteStream } from "node:tty";
import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";
import { GuardHolders } from "./guard-holders.ts";
import { GuardedLine } from "./guard-line.ts";
import { maskedArguments, textOfChunk } from "./guard-write.ts";
import { isExiting } from "./process-exit.ts";

const failedLine = `${fixedLine}\n`;

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Write = (args: unknown[]) => unknown;

const holders = new GuardHolders((redactors) => {
  const guards = (["stdout", "stderr"] as const).map((sink) => new StreamGuard(process[sink], sink, redactors));
  return () => {
    for (const guard of guards) guard.remove();
  };
});

/** Masks all output to stdout and stderr of this thread until the returned function is called. */
export function guardStreams(redactor: Redactor): () => void {
  return holders.hold(redactor);
}

class StreamGuard {
  readonly #stream: WriteStream;
  readonly #sink: string;
  readonly #redactors: () => readonly Redactor[];
  /** The unfinished line, if there is one. */
  #line: GuardedLine | undefined;
  #isActive = true;
  readonly #restore: readonly (() => void)[];

  constructor(stream: WriteStream, sink: string, redactors: () => readonly Redactor[]) {
    this.#stream = stream;
    this.#sink = sink;
    this.#redactors = redactors;
    this.#restore = [
      replaceMethod(stream, "write", (write) => (args) => this.#write(write, args)),
      // `end` does not call `write` for its last chunk.
      replaceMethod(stream, "end", (end) => (args) => end(this.#masked(args))),
    ];
  }

  remove(): void {
    this.#endLine();
    this.#isActive = false;
    for (const restore of this.#restore) restore();
  }

  /**
   * Writes whole lines at once, and everything to a terminal, where users wait for output. Other text is added to the
   * unfinished line.
   */
  #write(write: Write, args: unknown[]): unknown {
    const text = this.#isActive && !this.#stream.isTTY ? textOfChunk(args) : undefined;
    if (!text || (this.#line === undefined && text.endsWith("\n"))) return write(this.#masked(args));
    this.#push(text, (masked) => void write([masked]));
    const callback = args.find((arg) => typeof arg === "function");
    return callback === undefined ? !this.#stream.writableNeedDrain : write(["", callback]);
  }

  #push(text: string, emit: (masked: string) => void): void {
    try {
      this.#line ??= new GuardedLine(this.#redactors(), this.#sink, emit);
      this.#line.push(text);
      if (text.endsWith("\n") || isExiting()) this.#endLine();
    } catch {
      this.#line = undefined;
      emit(failedLine);
    }
  }

  #masked(args: unknown[]): unknown[] {
    this.#endLine();
    return this.#isActive ? maskedArguments(args, this.#redactors(), this.#sink) : args;
  }

  #endLine(): void {
    this.#line?.end();
    this.#line = undefined;
  }
}

/**
 * Replaces a method, and returns a function that restores it. If other code has replaced the method since, that code may call
 * this replacement, so it is left in place.
 */
function replaceMethod(holder: object, name: string, toReplacement: (previous: Write) => Write): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const previous = Reflect.get(holder, name) as Method;
  const replaced = toReplacement((args) => Reflect.apply(previous, holder, args));
  const method: Method = (...args) => replaced(args);
  Object.defineProperty(holder, name, { value: method, configurable: true, enumerable: true, writable: true });
  return () => {
    if (Reflect.get(holder, name) !== method) return;
    if (own === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, own);
  };
}
