import type { Transform, Writable } from "node:stream";
import type { Clock, Timer } from "../../time/clock.ts";
import { flushAtExit } from "./exit-flush.ts";
import { HeldText, type StreamMasking } from "./held-text.ts";

/** What both streams work with. */
export interface StreamSettings {
  readonly masking: StreamMasking;
  readonly clock: Clock;
  /** What is held goes out after it, if nothing comes. */
  readonly holdMs: number;
}

const failedText = "[REDACTED: could not be checked]\n";

/** Where masked text goes; calls back when there is room for more. */
type Send = (text: string, done: () => void) => void;

/** A stream through which text goes; it is one reader's to pipe on. */
export function redactingTransform(settings: StreamSettings): Transform {
  const { Transform } = process.getBuiltinModule("node:stream");
  const flow = new TextFlow(settings, (text, done) => {
    if (text !== "") stream.push(text);
    done();
  });
  const stream: Transform = new Transform({
    decodeStrings: false,
    transform: (chunk: Buffer | string, encoding, done) => flow.write(chunk, encoding, done),
    flush: (done) => flow.end(done),
    destroy(error, done) {
      flow.drop();
      done(error);
    },
  });
  return stream;
}

/** A stream in front of a destination, which is not ended with it. Its errors are the destination's own. */
export function redactingWritable(settings: StreamSettings, destination: Writable): Writable {
  const { Writable } = process.getBuiltinModule("node:stream");
  const flow = new TextFlow(settings, (text, done) => {
    if (text === "" || destination.write(text) || destination.destroyed) done();
    else waitForRoom(destination, done);
  });
  return new Writable({
    decodeStrings: false,
    write: (chunk: Buffer | string, encoding, done) => flow.write(chunk, encoding, done),
    final: (done) => flow.end(done),
    destroy(error, done) {
      flow.drop();
      done(error);
    },
  });
}

/** Decodes, holds and sends; one for each stream. */
class TextFlow {
  #held: HeldText;
  readonly #send: Send;
  readonly #settings: StreamSettings;
  /** A character may be split over chunks. */
  readonly #decoder = new (process.getBuiltinModule("node:string_decoder").StringDecoder)("utf8");
  #timer: Timer | undefined;
  /** Set while something is held. */
  #forgetExit: (() => void) | undefined;

  constructor(settings: StreamSettings, send: Send) {
    this.#settings = settings;
    this.#held = new HeldText(settings.masking);
    this.#send = send;
  }

  write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    this.drop();
    const text = this.#masked(() => this.#held.push(this.#textOf(chunk, encoding)));
    if (!this.#held.isEmpty) {
      this.#timer = this.#settings.clock.setTimer(() => this.#release(), this.#settings.holdMs);
      this.#forgetExit = flushAtExit(() => this.#release());
    }
    this.#send(text, done);
  }

  end(done: () => void): void {
    this.drop();
    const text = this.#masked(() => this.#held.push(this.#decoder.end()) + this.#held.end());
    this.#send(text, done);
  }

  /** Waits for nothing more. */
  drop(): void {
    this.#timer?.cancel();
    this.#forgetExit?.();
    this.#forgetExit = undefined;
  }

  /** Strings may be cut within a character too, which only a string can hold. */
  #textOf(chunk: Buffer | string, encoding: BufferEncoding): string {
    if (typeof chunk !== "string") return this.#decoder.write(chunk);
    return encoding === "utf8" || encoding === "utf-8" ? chunk : this.#decoder.write(Buffer.from(chunk, encoding));
  }

  #release(): void {
    this.drop();
    this.#send(
      this.#masked(() => this.#held.release()),
      () => undefined,
    );
  }

  /** What cannot be checked does not go out, and what is held with it neither. */
  #masked(run: () => string): string {
    try {
      return run();
    } catch {
      this.#held = new HeldText(this.#settings.masking);
      return failedText;
    }
  }
}

function waitForRoom(destination: Writable, done: () => void): void {
  const events = ["drain", "close", "error"];
  const proceed = (): void => {
    for (const event of events) destination.off(event, proceed);
    done();
  };
  for (const event of events) destination.on(event, proceed);
}
