import type { FSWatcher } from "node:fs";
import { basename, dirname, relative, sep } from "node:path";
import type { FilesContext } from "../context.ts";
import { errnoOf, isAbsence, isDenial } from "../errors.ts";
import type { FileSystem } from "../file-system.ts";

/** The reason why a directory is not watched. */
export type WatchFailure = "inotify-limit" | "watch-failed";

/** A change in a directory. */
export interface DirectoryEvent {
  /** The changed name; undefined if anything may have changed. */
  readonly name: string | undefined;
  /** Whether a name was added or removed; otherwise a file was written. */
  readonly renamed: boolean;
  /** Whether the directory was replaced by another one. */
  readonly replaced: boolean;
}

/**
 * Watches a directory, or the nearest one above it while it does not exist or may not be read. If the directory is replaced, as by a
 * remount or `rm -rf`, watches the new one. Does not keep the process alive.
 */
export class DirectoryWatch {
  readonly #context: Pick<FilesContext, "fileSystem" | "clock">;
  readonly #directory: string;
  readonly #listener: (event: DirectoryEvent) => void;
  #watcher: FSWatcher | undefined;
  /** The currently watched directory: `#directory`, or one above it. */
  #watched: string | undefined;
  /** The device, inode and birth time of the watched directory; the birth time is needed because inode numbers are reused. */
  #identity: string | undefined;
  #failure: WatchFailure | undefined;
  /** The monotonic time at which the system ended the watch with an error. */
  #failedAt: number | undefined;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** Set during the turn of the event loop of a verification; `isAsked` if `verify` was called again in it. */
  #verified: { isAsked: boolean } | undefined;
  #isClosed = false;

  constructor(
    context: Pick<FilesContext, "fileSystem" | "clock">,
    directory: string,
    listener: (event: DirectoryEvent) => void,
  ) {
    this.#context = context;
    this.#directory = directory;
    this.#listener = listener;
    this.#arm();
  }

  /** The reason why changes are not reported; undefined if they are. */
  get failure(): WatchFailure | undefined {
    return this.#failure;
  }

  /**
   * Checks that the right directory is watched; otherwise watches it and calls the listener. While the watch works, the first of
   * many calls in one turn of the event loop checks immediately, and the others share one check at its end.
   */
  verify(): void {
    if (this.#isClosed || this.#context.clock.monotonic() < this.#retryAt) return;
    if (this.#verified !== undefined && this.#failure === undefined) {
      this.#verified.isAsked = true;
      return;
    }
    const turn = { isAsked: false };
    this.#verified = turn;
    setImmediate(() => {
      this.#verified = undefined;
      if (turn.isAsked) this.verify();
    });
    if (this.#isRight()) return;
    const before = this.#identity;
    this.#arm();
    if (this.#identity !== before) this.#listener({ name: undefined, renamed: true, replaced: true });
  }

  close(): void {
    this.#isClosed = true;
    this.#disarm();
  }

  /** Returns whether the nearest existing directory is watched. */
  #isRight(): boolean {
    if (this.#watched === undefined) return false;
    const nearest = nearestDirectory(this.#context.fileSystem, this.#directory);
    return this.#watched === nearest.directory && this.#identity === nearest.identity;
  }

  /** Watches the nearest directory that can be watched, then checks whether a nearer one has appeared in the meantime. */
  #arm(): void {
    this.#disarm();
    let target = this.#directory;
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const outcome = this.#watch(target);
      if (outcome === "denied") {
        // The directory above reports changed permissions. They may have changed before it was watched, so the target is tried again.
        if (this.#watched !== dirname(target) && this.#watch(dirname(target)) === "watching") continue;
        this.#failure = "watch-failed";
        return;
      }
      const nearest = nearestDirectory(this.#context.fileSystem, this.#directory);
      target = nearest.directory;
      if (outcome === "gone") continue;
      this.#failure = outcome === "watching" ? undefined : outcome;
      this.#identity = outcome === "watching" ? nearest.identity : undefined;
      if (this.#watched === nearest.directory || outcome !== "watching") return;
      this.#disarm();
    }
    this.#failure = "watch-failed";
  }

  #watch(target: string): "watching" | "gone" | "denied" | WatchFailure {
    try {
      const watcher = this.#context.fileSystem.watch(target, { persistent: false });
      // Deno ignores `persistent` and requires `unref`.
      watcher.unref();
      watcher.on("change", (event, name) => this.#onEvent(watcher, event, typeof name === "string" ? name : undefined));
      watcher.on("error", (error) => this.#fail(watcher, error));
      this.#watcher?.close();
      this.#watcher = watcher;
      this.#watched = target;
      return "watching";
    } catch (error) {
      if (isAbsence(error)) return "gone";
      return errnoOf(error) !== "EPERM" && isDenial(error) ? "denied" : failureOf(error);
    }
  }

  #onEvent(watcher: FSWatcher, event: string, name: string | undefined): void {
    if (watcher !== this.#watcher || this.#watched === undefined) return;
    const isOwn = name === undefined || name === basename(this.#watched);
    const isAbove = this.#watched !== this.#directory;
    if (isAbove && !isOwn && name !== this.#nextBelow(this.#watched)) return;
    // A "rename" with its own name means that the directory was deleted, moved or unmounted, which ends the watch.
    const replaced = (isOwn && event === "rename") || ((isOwn || isAbove) && !this.#isRight());
    if (replaced) this.#arm();
    else if (isAbove) return;
    this.#listener({ name: isOwn || replaced ? undefined : name, renamed: event === "rename", replaced });
  }

  /** Returns the first name of the path from a directory above to the watched one. */
  #nextBelow(above: string): string | undefined {
    return relative(above, this.#directory).split(sep)[0];
  }

  /**
   * Ends a failed watch and calls the listener. The following read opens the watch again, which would be a loop if it always failed;
   * therefore each failure shortly after another one is followed by a pause.
   */
  #fail(watcher: FSWatcher, error: unknown): void {
    if (watcher !== this.#watcher) return;
    const now = this.#context.clock.monotonic();
    if (this.#failedAt !== undefined && now - this.#failedAt < 2 * pauseMs) this.#retryAt = now + pauseMs;
    this.#failedAt = now;
    this.#disarm();
    this.#failure = failureOf(error);
    this.#listener({ name: undefined, renamed: true, replaced: true });
  }

  #disarm(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watched = undefined;
    this.#identity = undefined;
  }
}

/** A further attempt is needed only if a directory appeared or disappeared between two calls. */
const mostAttempts = 20;
const pauseMs = 5000;

/** Returns the reason of an error. EMFILE: inotify instances per user, or descriptors of this process; ENOSPC: watches per user. */
function failureOf(error: unknown): WatchFailure {
  const code = errnoOf(error);
  return code === "EMFILE" || code === "ENFILE" || code === "ENOSPC" ? "inotify-limit" : "watch-failed";
}

function nearestDirectory(
  fileSystem: FileSystem,
  directory: string,
): { directory: string; identity: string | undefined } {
  let nearest = directory;
  let identity = identityOf(fileSystem, nearest);
  while (identity === undefined && dirname(nearest) !== nearest) {
    nearest = dirname(nearest);
    identity = identityOf(fileSystem, nearest);
  }
  return { directory: nearest, identity };
}

/** Returns an identity that differs for a directory created later at the same path; undefined if there is none. */
function identityOf(fileSystem: FileSystem, directory: string): string | undefined {
  try {
    const stats = fileSystem.statSync(directory, { throwIfNoEntry: false });
    return stats?.isDirectory() ? `${stats.dev} ${stats.ino} ${stats.birthtimeMs}` : undefined;
  } catch {
    return undefined;
  }
}
