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

/** Masks what is written to stdout and stderr of this thread, by whomever, until the function returned is called. */
export function guardStreams(redactor: Redactor): () => void {
  return holders.hold(redactor);
}

class StreamGuard {
  readonly #stream: WriteStream;
  readonly #sink: string;
  readonly #redactors: () => readonly Redactor[];
  /** The line that was begun without being ended. */
  #line: GuardedLine | undefined;
  #standing = true;
  readonly #restore: readonly (() => void)[];

  constructor(stream: WriteStream, sink: string, redactors: () => readonly Redactor[]) {
    this.#stream = stream;
    this.#sink = sink;
    this.#redactors = redactors;
    this.#restore = [
      replaceMethod(stream, "write", (write) => (args) => this.#write(write, args)),
      // does not go through `write` when it is given a last chunk
      replaceMethod(stream, "end", (end) => (args) => end(this.#masked(args))),
    ];
  }

  remove(): void {
    this.#endLine();
    this.#standing = false;
    for (const restore of this.#restore) restore();
  }

  /** Whole lines go their way at once, and what a terminal shows, which people wait for. */
  #write(write: Write, args: unknown[]): unknown {
    const text = this.#standing && !this.#stream.isTTY ? textOfChunk(args) : undefined;
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
    return this.#standing ? maskedArguments(args, this.#redactors(), this.#sink) : args;
  }

  #endLine(): void {
    this.#line?.end();
    this.#line = undefined;
  }
}

/** Others may replace the method later and keep what they found, so a replacement that is not on top stays when it is taken back. */
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
