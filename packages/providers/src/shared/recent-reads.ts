import { isSecretError, type ProviderResult, SecretError } from "@tacit/core/provider";
import { RecentPaths } from "./recent-paths.ts";

/** What became of the last read of each path that was asked for, for `diagnose`. */
export class RecentReads {
  readonly #paths = new RecentPaths<SecretError | undefined>(mostPaths);
  readonly #missing: SecretError;

  /** @param where the store looks: `in eu-central-1` @param tip what to do where nothing is there */
  constructor(where: string, tip: string) {
    this.#missing = new SecretError("NOT_FOUND", `the store returns nothing under that name ${where}`, { tip });
  }

  /** path -> the failure of its last read, NOT_FOUND where nothing was there; undefined where it succeeded */
  get failures(): ReadonlyMap<string, SecretError | undefined> {
    return new Map(this.#paths.entries);
  }

  /** Keeps what became of a read. @param outcome what `get` answers or throws */
  note(path: string, outcome: ProviderResult | SecretError): void {
    if (isSecretError(outcome)) this.#paths.add(path, outcome);
    else this.#paths.add(path, outcome.status === "not-found" ? this.#missing : undefined);
  }

  /** Reads, and keeps what becomes of it. */
  async record(path: string, read: () => Promise<ProviderResult>): Promise<ProviderResult> {
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
