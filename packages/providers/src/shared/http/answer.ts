import type { SecretError } from "@tacit/core/provider";
import { decoded } from "./body.ts";
import { type HeaderLookup, malformedFailure, type RequestLabel, redirectTarget, serverTimeOf } from "./failure.ts";

/** What the head of an answer is made from. */
export interface HttpHeadParts {
  readonly status: number;
  readonly headers: Readonly<NodeJS.Dict<string | string[]>>;
  readonly toFailure: (head: { readonly status: number; readonly header: HeaderLookup }) => SecretError;
}

/** What an answer and a stream begin with. Printing one shows its status alone: the rest is not on the object. */
export class HttpHead {
  readonly status: number;
  readonly #parts: HttpHeadParts;

  constructor(parts: HttpHeadParts) {
    this.status = parts.status;
    this.#parts = parts;
  }

  /** A header of the answer; several of one name are joined by a comma. */
  header(name: string): string | undefined {
    const value = this.#parts.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** The wall time of the server, in milliseconds since the epoch; undefined where it does not say it. */
  get serverTime(): number | undefined {
    return serverTimeOf((name) => this.header(name));
  }

  /** Whether it is a page for people, such as the login of a proxy: no store answers a program with one. */
  get isPage(): boolean {
    return /^(text\/html|application\/xhtml\+xml)\b/i.test(this.header("content-type") ?? "");
  }

  /**
   * Where a redirect leads: scheme, host and port, never its path or query. Nothing is followed; an adapter that must, sends
   * the same request through a client of that address, after it has checked the host.
   */
  get redirectOrigin(): string | undefined {
    return redirectTarget((name) => this.header(name))?.origin;
  }

  /** The error of this status, for an adapter that took the answer to look into it and found nothing better to say. */
  failure(): SecretError {
    return this.#parts.toFailure({ status: this.status, header: (name) => this.header(name) });
  }
}

/** A whole answer. */
export class HttpAnswer extends HttpHead {
  readonly #body: Uint8Array;
  readonly #label: RequestLabel;

  constructor(head: HttpHeadParts, body: Uint8Array, label: RequestLabel) {
    super(head);
    this.#body = body;
    this.#label = label;
  }

  /** The body, decompressed; the caller's own. */
  bytes(): Uint8Array {
    return this.#body;
  }

  /** @throws {SecretError} INTERNAL `malformed-answer` when it is not UTF-8 */
  text(): string {
    return decoded(this.#body, this.#label);
  }

  /**
   * The body as JSON, to be checked by the adapter.
   * @throws {SecretError} INTERNAL `malformed-answer`, which quotes nothing of it
   */
  json(): unknown {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch {
      throw this.malformed("something that is not JSON");
    }
  }

  /** The members of a body that is a JSON object. @throws {SecretError} INTERNAL `malformed-answer` */
  record(): Readonly<Record<string, unknown>> {
    const body = this.json();
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
    throw this.malformed("JSON that is not an object");
  }

  /** The error of an answer that the store does not write. @param what names it; never quotes it */
  malformed(what: string): SecretError {
    return malformedFailure(this.#label, what);
  }
}
