import type { Transform, Writable } from "node:stream";
import type { Clock, Timer } from "../../time/clock.ts";
import { flushAtExit } from "./exit-flush.ts";
import { HeldText, type StreamMasking } from "./held-text.ts";

/** The settings of both streams. */
export interface StreamSettings {
  readonly masking: StreamMasking;
  readonly clock: Clock;
  /** The time after which held text is sent if no more arrives. */
  readonly holdMs: number;
}

const failedText = "[REDACTED: could not be checked]\n";

/** Sends masked text; calls `done` when there is room for more. */
type Send = (text: string, done: () => void) => void;

/** Creates a transform stream that masks text. */
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

/**
 * Creates a stream that masks text and writes it to a destination, which it does not end. Errors of the destination are not
 * forwarded.
 */
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

/** Decodes, holds and sends the text of one stream. */
class TextFlow {
  #held: HeldText;
  readonly #send: Send;
  readonly #settings: StreamSettings;
  /** Decodes characters that are split between chunks. */
  readonly #decoder = new (process.getBuiltinModule("node:string_decoder").StringDecoder)("utf8");
  #timer: Timer | undefined;
  /** Set while text is held. */
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

  /** Cancels the timer and the flush at exit. */
  drop(): void {
    this.#timer?.cancel();
    this.#forgetExit?.();
    this.#forgetExit = undefined;
  }

  /** Decodes a chunk. A string is not encoded, because it may be cut within a surrogate pair. */
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

  /** Returns the text, or a fixed line in place of text that cannot be checked and of the text held with it. */
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
