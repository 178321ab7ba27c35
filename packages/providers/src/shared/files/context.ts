import type { CallContext, Clock, SecretPayload } from "@tacit/core/provider";
import type { FileSystem } from "./file-system.ts";
import type { Look } from "./shared-looks.ts";
import type { TurnBudget } from "./volume/turn-budget.ts";

/** The options for reading the files below one root. */
export interface FilesOptions {
  /** `poll` for network mounts, whose changes raise no event here. */
  readonly watch: "auto" | "poll";
  /** The time between two equal reads of a plain file that has just changed, in milliseconds. */
  readonly settleMs: number;
  /** The largest file that is read, in bytes. */
  readonly maxBytes: number;
  /** Whether a symbolic link may lead outside the root. */
  readonly followExternalLinks: boolean;
  /**
   * Turns the content of one file that was asked for by its own path into a payload; absent, it is one value. A directory
   * stays the fields of its files. Not called again for content that has not changed.
   */
  readonly decode?:
    | ((bytes: Uint8Array, path: string, context: CallContext) => SecretPayload | Promise<SecretPayload>)
    | undefined;
  /** Whether a directory is no secret: then it is not found. Default false. */
  readonly filesOnly?: boolean | undefined;
}

/** The context that reads and watches of one root share. */
export interface FilesContext extends FilesOptions {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  /** Absolute. */
  readonly root: string;
  /** Directories that have been seen with a link `..data`: without it they are volumes in trouble, not plain directories. */
  readonly knownVolumes: Set<string>;
  /** directory -> its state when it was listed last and was no volume */
  readonly plainDirectories: Map<string, string>;
  readonly budget: TurnBudget;
  /** For the directories on the way to what is read. */
  readonly sharedLook: Look;
}
