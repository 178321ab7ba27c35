import { HttpHead, type HttpHeadParts } from "./answer.ts";

/** The input of a stream, and the function that ends it. */
export interface LineSource {
  readonly lines: AsyncGenerator<string>;
  /** Ends the call without an error. */
  end(): void;
}

/**
 * The lines of a long-lived response, which can be iterated once. Iteration ends when the server ends the response, and after
 * `close()`; it throws if the connection is lost. At most about 64 KiB are read ahead of the consumer.
 */
export class HttpLines extends HttpHead implements AsyncIterable<string> {
  readonly #source: LineSource;

  constructor(head: HttpHeadParts, source: LineSource) {
    super(head);
    this.#source = source;
  }

  /** Yields one line at a time, without its end. Lines may be empty: some servers send them to keep the connection alive. */
  [Symbol.asyncIterator](): AsyncGenerator<string> {
    return this.#source.lines;
  }

  /** Closes the connection; idempotent. A stream that is not iterated to its end must be closed. */
  close(): void {
    this.#source.end();
  }
}
