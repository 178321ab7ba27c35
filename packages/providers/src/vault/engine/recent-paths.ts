import type { MountedPath } from "./mounts.ts";

/** The paths that were asked for, newest last, for findings about them. */
export class RecentPaths {
  /** path as it was asked for -> where it is read */
  readonly #paths = new Map<string, MountedPath>();

  add(asked: MountedPath, path: string): void {
    this.#paths.delete(path);
    this.#paths.set(path, asked);
    const oldest = this.#paths.size > mostPaths ? this.#paths.keys().next() : undefined;
    if (oldest?.done === false) this.#paths.delete(oldest.value);
  }

  /** What a policy has to name for them, as far as that is known. */
  get policyPaths(): readonly string[] {
    return [...this.#paths.values()]
      .map(({ engine, path }) => engine.policyPath?.(path))
      .filter((path) => path !== undefined);
  }
}

/** One question to Vault holds them all. */
const mostPaths = 50;
