import { isSecretError, type ProviderResult, SecretError } from "@tacit/core/provider";
import { RecentPaths } from "./recent-paths.ts";

/** The outcome of the last read of each of the 100 most recent paths, for `diagnose`. */
export class RecentReads {
  readonly #paths = new RecentPaths<SecretError | undefined>(mostPaths);
  readonly #missing: SecretError;

  /** @param where the place of the secrets, for the message of a missing one: `in eu-central-1` @param tip the tip of that message */
  constructor(where: string, tip: string) {
    this.#missing = new SecretError("NOT_FOUND", `the store returns nothing under that name ${where}`, { tip });
  }

  /** path -> the failure of its last read, NOT_FOUND for a missing secret; undefined if the read succeeded */
  get failures(): ReadonlyMap<string, SecretError | undefined> {
    return new Map(this.#paths.entries);
  }

  /** Records the outcome of a read. @param outcome the result of `get`, or its error */
  note(path: string, outcome: ProviderResult | SecretError): void {
    if (isSecretError(outcome)) this.#paths.add(path, outcome);
    else this.#paths.add(path, outcome.status === "not-found" ? this.#missing : undefined);
  }

  /** Reads a path and records the outcome. @throws the error of `read` */
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

  /** Checks a path and records the error if it is refused. @throws the error of `check` */
  checked(path: string, check: (path: string) => string): string {
    try {
      return check(path);
    } catch (error) {
      if (isSecretError(error)) this.note(path, error);
      throw error;
    }
  }
}

/** Limits the length of the policy that `diagnose` suggests. */
const mostPaths = 100;
