import type { CallContext, Clock, SecretPayload } from "@tacit/core/provider";
import type { FileSystem } from "./file-system.ts";
import type { Look } from "./shared-looks.ts";
import type { TurnBudget } from "./volume/turn-budget.ts";

/** The options for reading the files below one root. */
export interface FilesOptions {
  /** `poll` for network mounts, whose changes cause no events on this machine. */
  readonly watch: "auto" | "poll";
  /** The time between two equal reads of a plain file that has just changed, in milliseconds. */
  readonly settleMs: number;
  /** The largest file that is read, in bytes. */
  readonly maxBytes: number;
  /** Whether a symbolic link may lead outside the root. */
  readonly followExternalLinks: boolean;
  /**
   * Converts the content of a file to a payload. Default: one value. Called again only if the content has changed, and never
   * for a directory, whose files are fields.
   */
  readonly decode?:
    | ((bytes: Uint8Array, path: string, context: CallContext) => SecretPayload | Promise<SecretPayload>)
    | undefined;
  /** Whether directories are treated as missing. Default: false. */
  readonly filesOnly?: boolean | undefined;
}

/** The context shared by the reads and watches of one root. */
export interface FilesContext extends FilesOptions {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  /** The absolute path of the root. */
  readonly root: string;
  /** Directories that have had a link `..data`. If it is missing later, they are incomplete volumes, not plain directories. */
  readonly knownVolumes: Set<string>;
  /** directory -> its state when it was last listed and was not a volume */
  readonly plainDirectories: Map<string, string>;
  readonly budget: TurnBudget;
  /** Looks at the directories of a path, once for all reads of a microtask. */
  readonly sharedLook: Look;
}
