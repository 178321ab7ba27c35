import type { ReadRequest } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpHeaders } from "../http/headers.ts";
import { RecentPaths } from "../recent-paths.ts";

/** A secret, and the version of it that the client holds. */
export type HeldSecret = Pick<ReadRequest, "path" | "ifVersion">;

/** What is known of the answer that a secret was taken from. */
interface Answered {
  /** The version that this provider gave it. */
  readonly version: string;
  /** The login that it was answered to. */
  readonly asker: string | undefined;
}

/**
 * Remembers by what a server recognises the answers that were read last, so that a read on condition costs it a 304. It holds no
 * value, and no ETag leaves it: some servers make them of the content.
 */
export class Validators {
  /** path -> its answer, and the condition of the next read */
  readonly #answers = new RecentPaths<Answered & { readonly condition: HttpHeaders | undefined }>(mostPaths);

  /** Returns the condition of one read for all these secrets; undefined where they are not held from one answer to this login. */
  headersFor(held: readonly HeldSecret[], asker: string): HttpHeaders | undefined {
    const [first, ...others] = held.map(({ path, ifVersion }) => {
      const answer = this.#answers.get(path);
      return answer?.version === ifVersion && answer?.asker === asker ? answer.condition : undefined;
    });
    return others.every((condition) => JSON.stringify(condition) === JSON.stringify(first)) ? first : undefined;
  }

  /** Remembers the answer that a secret was taken from. @returns whether the one before it had the same version, for the same login */
  remember(path: string, answered: Answered, answer: HttpAnswer): boolean {
    const before = this.#answers.get(path);
    this.#answers.add(path, { ...answered, condition: conditionOf(answer) });
    return before?.version === answered.version && before.asker === answered.asker;
  }
}

const mostPaths = 10_000;

/** The condition of the next read; undefined where the server gave nothing that can be relied on. */
function conditionOf(answer: HttpAnswer): HttpHeaders | undefined {
  const tag = answer.header("etag");
  if (tag !== undefined) return { "if-none-match": tag };
  const modified = answer.header("last-modified");
  // Its resolution is a second: a second write within that one would go unseen for ever.
  const isSettled = (answer.serverTime ?? 0) - Date.parse(modified ?? "") >= settledMs;
  return modified !== undefined && isSettled ? { "if-modified-since": modified } : undefined;
}

/** As RFC 7232, 2.2.2 has it, for servers of several machines; RFC 9110 is content with a second. */
const settledMs = 60_000;
