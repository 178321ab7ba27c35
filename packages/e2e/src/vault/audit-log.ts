import { existsSync, readFileSync } from "node:fs";

/** One line of an audit device, as far as tests look at it; values in it are keyed hashes, paths are clear. */
export interface VaultAuditEntry {
  readonly time: string;
  readonly type: "request" | "response";
  readonly error?: string;
  readonly request: {
    readonly id: string;
    /** As Vault sees it: `read`, `update`, `list`. */
    readonly operation: string;
    readonly path: string;
  };
}

/** Everything that a Vault was asked while the device was on, and it tells nobody of a call before it has noted it. */
export interface AuditLog {
  readonly file: string;
  /** Requests, oldest first; the setup of the test is among them. */
  requests(path?: RegExp): readonly VaultAuditEntry[];
  /** How many requests came for paths of this kind since the last `reset`. */
  count(path: RegExp): number;
  /** Begins to count anew. */
  reset(): void;
}

/** Reads the file that a device writes. */
export function createAuditLog(file: string): AuditLog {
  const read = (): readonly VaultAuditEntry[] => {
    if (!existsSync(file)) return [];
    // The last one may be half written.
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as VaultAuditEntry).filter(({ type }) => type === "request");
  };
  let start = 0;
  return {
    file,
    requests: (path = /^/) => read().filter(({ request }) => path.test(request.path)),
    count: (path) =>
      read()
        .slice(start)
        .filter(({ request }) => path.test(request.path)).length,
    reset() {
      start = read().length;
    },
  };
}
