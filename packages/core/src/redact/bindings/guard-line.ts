import { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import type { Redactor } from "../redactor.ts";

/** A line that is written in pieces: what may be the beginning of a value is held until its rest comes, or for the time of a stream. */
export class GuardedLine {
  /** one behind the other, in the order of the redactors */
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

  /** Lets all out. */
  end(): void {
    for (const stream of this.#streams) stream.end();
  }
}

/** It takes everything at once, so nothing waits in the streams before it when the process ends. */
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
