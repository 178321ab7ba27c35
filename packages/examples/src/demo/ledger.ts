import { randomUUID } from "node:crypto";
import { type Credentials, createCredentials, proofOf } from "./credentials.ts";
import { ask } from "./load.ts";

/** Everything that this run wrote to a store, and what the service must answer for it. */
export interface Ledger {
  /** What every request asks for. */
  readonly path: string;
  /** What must stand in no output. */
  readonly values: readonly string[];
  /** proof -> number of the version that gives it */
  readonly versions: ReadonlyMap<string, number>;
  /** Makes the next version. */
  issue(): Credentials;
  /** @throws unless the service at that address answers with the newest version */
  expectNewest(url: URL): Promise<void>;
}

/** Opens an empty one. */
export function openLedger(): Ledger {
  const path = `/login/${randomUUID()}`;
  const values: string[] = [];
  const versions = new Map<string, number>();
  return {
    path,
    values,
    versions,
    issue() {
      const credentials = createCredentials();
      // A user name is no secret, and is not masked unless its declaration says so.
      values.push(credentials.password);
      versions.set(proofOf(credentials, path), versions.size + 1);
      return credentials;
    },
    async expectNewest(url) {
      const proof = await ask(url);
      if (versions.get(proof ?? "") !== versions.size) throw new Error("an answer is not made of the newest pair");
    },
  };
}
