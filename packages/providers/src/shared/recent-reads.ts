import { isSecretError, type SecretError } from "@tacit/core/provider";
import { RecentPaths } from "./recent-paths.ts";

/** What became of the last read of each path that was asked for, for `diagnose`. */
export class RecentReads {
  readonly #paths = new RecentPaths<SecretError | undefined>(mostPaths);

  /** path -> the failure of its last read; undefined where it succeeded */
  get failures(): ReadonlyMap<string, SecretError | undefined> {
    return new Map(this.#paths.entries);
  }

  /** Keeps what became of a read. @param outcome anything but a `SecretError` counts as a success */
  note(path: string, outcome: unknown): void {
    this.#paths.add(path, isSecretError(outcome) ? outcome : undefined);
  }

  /** Reads, and keeps what becomes of it. */
  async record<T>(path: string, read: () => Promise<T>): Promise<T> {
    try {
      const result = await read();
      this.note(path, result);
      return result;
    } catch (error) {
      if (isSecretError(error)) this.note(path, error);
      throw error;
    }
  }

  /** Checks a path, and keeps why it is refused. */
  checked(path: string, check: (path: string) => string): string {
    try {
      return check(path);
    } catch (error) {
      if (isSecretError(error)) this.note(path, error);
      throw error;
    }
  }
}

/** A statement of a policy holds so many. */
const mostPaths = 100;
