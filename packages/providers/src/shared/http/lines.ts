import { HttpHead, type HttpHeadParts } from "./answer.ts";

/** What a stream reads from and how it is ended. */
export interface LineSource {
  readonly lines: AsyncGenerator<string>;
  /** Ends the call without an error. */
  end(): void;
}

/**
 * The lines of a long-lived answer, to be iterated once. Iteration ends when the server ends the answer, and after `close()`;
 * it throws what broke the answer off. The network is read about 64 KiB ahead of the consumer, no more.
 */
export class HttpLines extends HttpHead implements AsyncIterable<string> {
  readonly #source: LineSource;

  constructor(head: HttpHeadParts, source: LineSource) {
    super(head);
    this.#source = source;
  }

  /** One line each, without its end; may be empty, where a server sends empty lines to keep the connection alive. */
  [Symbol.asyncIterator](): AsyncGenerator<string> {
    return this.#source.lines;
  }

  /** Gives the connection up, at once; idempotent. A stream that nobody iterates to its end must be closed. */
  close(): void {
    this.#source.end();
  }
}
