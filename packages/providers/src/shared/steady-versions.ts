import type { ProviderHost, ProviderResult, ReadRequest } from "@tacit/core/provider";
import { RecentPaths } from "./recent-paths.ts";

/** The newest version that the store has returned for one path. */
interface Newest {
  readonly version: string;
  readonly createdAt: number;
  /** The monotonic time of the first response with an older version since the last one with the newest. */
  readonly olderSince?: number | undefined;
}

/**
 * Prevents a client from switching back and forth between versions while the servers of a store are inconsistent: for a minute
 * after a first response with an older version, the current one is reported as not modified. A version that is still older after
 * that was restored on purpose, and is returned with a warning.
 */
export class SteadyVersions {
  readonly #host: Pick<ProviderHost, "clock" | "warn">;
  readonly #newest = new RecentPaths<Newest>(mostPaths);

  constructor(host: Pick<ProviderHost, "clock" | "warn">) {
    this.#host = host;
  }

  /** Returns the result to pass to the client. */
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
/** Bounds the memory for an application that generates names. */
const mostPaths = 10_000;
