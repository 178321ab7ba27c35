import type { ReadRequest } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpHeaders } from "../http/headers.ts";
import { RecentPaths } from "../recent-paths.ts";

/** By what a server recognises an answer of its own again. */
interface Validator {
  /** The version that this provider gave the answer. */
  readonly version: string;
  readonly headers: HttpHeaders;
}

/**
 * Remembers by what a server recognises the answers that were read last, so that a read on condition costs it a 304. It holds no
 * value, and no ETag leaves it: some servers make them of the content.
 */
export class Validators {
  readonly #validators = new RecentPaths<Validator>(mostPaths);

  /** The headers of a read on condition; none where the version held is another one than was answered last. */
  headersFor(path: string, ifVersion: string | undefined): HttpHeaders {
    const validator = this.#validators.get(path);
    return validator !== undefined && validator.version === ifVersion ? validator.headers : {};
  }

  /** The headers of one read for several paths, where the answer that each was taken from was the same; else none. */
  headersForAll(requests: readonly Pick<ReadRequest, "path" | "ifVersion">[]): HttpHeaders {
    const [first = {}, ...others] = requests.map(({ path, ifVersion }) => this.headersFor(path, ifVersion));
    return others.every((headers) => JSON.stringify(headers) === JSON.stringify(first)) ? first : {};
  }

  /** Remembers an answer under the version that this provider gives it. */
  remember(path: string, version: string, answer: HttpAnswer): void {
    this.#validators.add(path, { version, headers: conditionOf(answer) });
  }
}

const mostPaths = 10_000;

/** The condition of the next read; empty where the server gave nothing that can be relied on. */
function conditionOf(answer: HttpAnswer): HttpHeaders {
  const tag = answer.header("etag");
  if (tag !== undefined) return { "if-none-match": tag };
  const modified = answer.header("last-modified");
  // Its resolution is a second: a second write within that one would go unseen for ever.
  const isSettled = Date.parse(answer.header("date") ?? "") - Date.parse(modified ?? "") >= settledMs;
  return modified !== undefined && isSettled ? { "if-modified-since": modified } : {};
}

/** As RFC 7232, 2.2.2 has it, for servers of several machines; RFC 9110 is content with a second. */
const settledMs = 60_000;
