import type { ReadRequest } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpHeaders } from "../http/headers.ts";
import { RecentPaths } from "../recent-paths.ts";

/** A secret, and the version that the client holds. */
export type HeldSecret = Pick<ReadRequest, "path" | "ifVersion">;

/** The version and the login of a response with a secret. */
interface Answered {
  /** The version that the provider has returned. */
  readonly version: string;
  /** The identifier of the login. */
  readonly asker: string | undefined;
}

/**
 * Stores the validators (ETag or Last-Modified) of recent responses, for conditional reads that the server can answer with 304. It
 * contains no values, and ETags are used only as headers: some servers compute them from the content.
 */
export class Validators {
  /** path -> its last response, and the condition of the next read */
  readonly #answers = new RecentPaths<Answered & { readonly condition: HttpHeaders | undefined }>(mostPaths);

  /** Returns the headers of a conditional read of all these secrets; undefined unless all held versions have the same validator for this login. */
  headersFor(held: readonly HeldSecret[], asker: string): HttpHeaders | undefined {
    const [first, ...others] = held.map(({ path, ifVersion }) => {
      const answer = this.#answers.get(path);
      return answer?.version === ifVersion && answer?.asker === asker ? answer.condition : undefined;
    });
    return others.every((condition) => JSON.stringify(condition) === JSON.stringify(first)) ? first : undefined;
  }

  /** Records the response with a secret. @returns whether the one before it had the same version for the same login */
  remember(path: string, answered: Answered, answer: HttpAnswer): boolean {
    const before = this.#answers.get(path);
    this.#answers.add(path, { ...answered, condition: conditionOf(answer) });
    return before?.version === answered.version && before.asker === answered.asker;
  }
}

const mostPaths = 10_000;

/** Returns the condition of the next read; undefined if the response has no reliable validator. */
function conditionOf(answer: HttpAnswer): HttpHeaders | undefined {
  const tag = answer.header("etag");
  if (tag !== undefined && entityTag.test(tag)) return { "if-none-match": tag };
  const modified = answer.header("last-modified");
  // Last-Modified has a resolution of one second, so a second write within the same second would never be noticed.
  const isSettled = (answer.serverTime ?? 0) - Date.parse(modified ?? "") >= settledMs;
  return modified !== undefined && isSettled ? { "if-modified-since": modified } : undefined;
}

/**
 * An entity tag of RFC 9110, 8.8.3, that is not empty. A server may read any other text as a list, and `*` as a condition that
 * every content meets: then no later change would be noticed.
 */
const entityTag = /^(W\/)?"[\x21\x23-\x7e\x80-\xff]+"$/;

/** The margin of RFC 7232, 2.2.2. RFC 9110 requires only one second, which the clocks of several servers may exceed. */
const settledMs = 60_000;
