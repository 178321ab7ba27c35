import { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import type { Redactor } from "../redactor.ts";

/**
 * A line that is written in pieces. Text that may be the beginning of a value is held until the rest arrives or the hold time
 * of a stream has passed.
 */
export class GuardedLine {
  /** Chained in the order of the redactors. */
  readonly #streams: Writable[] = [];
  readonly #first: Writable;

  constructor(redactors: readonly Redactor[], sink: string, emit: (text: string) => void) {
    this.#first = redactors.reduceRight<Writable>(
      (next, redactor) => {
        const stream = redactor.writable(next, { sink });
        this.#streams.unshift(stream);
        return stream;
      },
      new Outlet(emit) as unknown as Writable,
    );
  }

  push(text: string): void {
    this.#first.write(text);
  }

  /** Writes the held text and ends the line. */
  end(): void {
    for (const stream of this.#streams) stream.end();
  }
}

/** The end of the chain. It accepts everything synchronously, so that no text waits in the streams when the process exits. */
class Outlet extends EventEmitter {
  readonly #emit: (text: string) => void;

  constructor(emit: (text: string) => void) {
    super();
    this.#emit = emit;
  }

  write(chunk: string | Buffer): boolean {
    this.#emit(chunk.toString());
    return true;
  }
}
