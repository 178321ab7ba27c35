import type { SecretError } from "@tacit/core/provider";
import { decoded } from "./body.ts";
import {
  type HeaderLookup,
  isPage,
  malformedFailure,
  type RequestLabel,
  redirectTarget,
  serverTimeOf,
} from "./failure.ts";

/** The parts of the head of a response. */
export interface HttpHeadParts {
  readonly status: number;
  readonly headers: Readonly<NodeJS.Dict<string | string[]>>;
  readonly toFailure: (head: { readonly status: number; readonly header: HeaderLookup }) => SecretError;
}

/** The status and headers of a response or stream. Printing it shows only the status, since the rest is private. */
export class HttpHead {
  readonly status: number;
  readonly #parts: HttpHeadParts;

  constructor(parts: HttpHeadParts) {
    this.status = parts.status;
    this.#parts = parts;
  }

  /** Returns a header by its name in any case; several of one name are joined by a comma. */
  header(name: string): string | undefined {
    const value = this.#parts.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** The wall time of the server, in milliseconds since the epoch; undefined without a valid Date header. */
  get serverTime(): number | undefined {
    return serverTimeOf((name) => this.header(name));
  }

  /** Whether the body is an HTML page, such as the login page of a proxy. Stores never send one to a program. */
  get isPage(): boolean {
    return isPage((name) => this.header(name));
  }

  /**
   * The scheme, host and port of a redirect, without path and query; undefined if there is none. The client follows no
   * redirect; an adapter that has to follow one checks the host, and uses another client for that address.
   */
  get redirectOrigin(): string | undefined {
    return redirectTarget((name) => this.header(name))?.origin;
  }

  /** Returns the general error of this status, for an adapter that has accepted the status and found no details in the body. */
  failure(): SecretError {
    return this.#parts.toFailure({ status: this.status, header: (name) => this.header(name) });
  }
}

/** A complete response. */
export class HttpAnswer extends HttpHead {
  readonly #body: Uint8Array;
  readonly #label: RequestLabel;

  constructor(head: HttpHeadParts, body: Uint8Array, label: RequestLabel) {
    super(head);
    this.#body = body;
    this.#label = label;
  }

  /** Returns the decompressed body, which the caller owns. */
  bytes(): Uint8Array {
    return this.#body;
  }

  /**
   * Returns the body of an answer that is a secret as it is. Only the status 200 announces a whole body: 204 has none, 206 a part.
   * @throws {SecretError} INTERNAL `malformed-answer` for any other status
   */
  content(): Uint8Array {
    if (this.status === 200) return this.#body;
    throw this.malformed(`status ${this.status}, which does not announce a whole body`);
  }

  /** Returns the body as text. @throws {SecretError} INTERNAL `malformed-answer` if it is not UTF-8 */
  text(): string {
    return decoded(this.#body, this.#label);
  }

  /**
   * Parses the body as JSON; the adapter checks its shape.
   * @throws {SecretError} INTERNAL `malformed-answer`, which does not quote the body
   */
  json(): unknown {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch {
      throw this.malformed("something that is not JSON");
    }
  }

  /** Parses the body as a JSON object. @throws {SecretError} INTERNAL `malformed-answer` */
  record(): Readonly<Record<string, unknown>> {
    const body = this.json();
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
    throw this.malformed("JSON that is not an object");
  }

  /** Returns the error of a response that does not have the form of the store's API. @param what describes the response without quoting it */
  malformed(what: string): SecretError {
    return malformedFailure(this.#label, what);
  }
}
