import type { ProviderHost, ProviderResult, ReadRequest } from "@tacit/core/provider";
import { RecentPaths } from "./recent-paths.ts";

/** What is known of the newest version of one path that was answered. */
interface Newest {
  readonly version: string;
  readonly createdAt: number;
  /** Monotonic time at which an older one was answered first, since the newest was last. */
  readonly olderSince?: number | undefined;
}

/**
 * Keeps a store whose servers are not always of one mind from leading a client back and forth: where it answers a version that
 * is older than the one that the client holds, the held one is confirmed for a minute. What is still older then was put
 * back on purpose, and is taken with a warning.
 */
export class SteadyVersions {
  readonly #host: Pick<ProviderHost, "clock" | "warn">;
  readonly #newest = new RecentPaths<Newest>(mostPaths);

  constructor(host: Pick<ProviderHost, "clock" | "warn">) {
    this.#host = host;
  }

  /** Returns the result that the client is given. */
  settle({ path, version, ifVersion }: ReadRequest, result: ProviderResult): ProviderResult {
    if (version !== "current" || result.status !== "ok" || result.createdAt === undefined) return result;
    const newest = this.#newest.get(path);
    const createdAt = result.createdAt.getTime();
    if (newest === undefined || newest.version !== ifVersion || createdAt >= newest.createdAt) {
      this.#newest.add(path, { version: result.version, createdAt });
      return result;
    }
    const now = this.#host.clock.monotonic();
    const { olderSince = now } = newest;
    if (now - olderSince < patienceMs) {
      this.#newest.add(path, { ...newest, olderSince });
      return { status: "not-modified", version: newest.version };
    }
    this.#newest.add(path, { version: result.version, createdAt });
    this.#host.warn(
      "older-version",
      `For a minute, the store has returned an older version of "${path}" than before: it was restored there, and is now served.`,
    );
    return result;
  }
}

const patienceMs = 60_000;
/** An application that makes names up must not fill the memory. */
const mostPaths = 10_000;
