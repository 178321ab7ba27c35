import type { FSWatcher } from "node:fs";
import { basename, dirname, relative, sep } from "node:path";
import type { FilesContext } from "../context.ts";
import { errnoOf, isAbsence, isDenial } from "../errors.ts";
import type { FileSystem } from "../file-system.ts";

/** The reason why a directory is not watched. */
export type WatchFailure = "inotify-limit" | "watch-failed";

/** A change in a directory. */
export interface DirectoryEvent {
  /** Absent where anything may have happened. */
  readonly name: string | undefined;
  /** Whether a name came or went; otherwise something was written. */
  readonly renamed: boolean;
  /** Whether the directory is another one now. */
  readonly replaced: boolean;
}

/**
 * Watches one directory, or while it does not exist, or may not be read, the nearest one above it. When the directory is replaced, as a
 * remount or `rm -rf` does, it watches the new one. It never keeps the process alive.
 */
export class DirectoryWatch {
  readonly #context: Pick<FilesContext, "fileSystem" | "clock">;
  readonly #directory: string;
  readonly #listener: (event: DirectoryEvent) => void;
  #watcher: FSWatcher | undefined;
  /** The directory that is watched now: `#directory`, or one above it. */
  #watched: string | undefined;
  /** Device, inode and birth of it: a path does not tell a replaced directory, and inode numbers are used again. */
  #identity: string | undefined;
  #failure: WatchFailure | undefined;
  /** When the system ended the watch with an error, on the monotonic clock. */
  #failedAt: number | undefined;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** Set during a turn of the event loop in which it was verified: whether somebody has asked once more. */
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

  /** The reason why changes are not told; absent while they are. */
  get failure(): WatchFailure | undefined {
    return this.#failure;
  }

  /**
   * Looks whether it is still the right directory that is watched, and tells the listener if it was not. While it is watched, the first of
   * many calls in one turn of the event loop looks at once, and the others together at its end.
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

  /** Also while something above a missing directory is watched, as long as nothing nearer exists. */
  #isRight(): boolean {
    if (this.#watched === undefined) return false;
    const nearest = nearestDirectory(this.#context.fileSystem, this.#directory);
    return this.#watched === nearest.directory && this.#identity === nearest.identity;
  }

  /** Goes up until something can be watched, then looks whether the next directory down has appeared meanwhile. */
  #arm(): void {
    this.#disarm();
    let target = this.#directory;
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const outcome = this.#watch(target);
      if (outcome === "denied") {
        // The one above tells of new rights; they may have come before that was watched.
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
      // Deno heeds this alone.
      watcher.unref();
      watcher.on("change", (event, name) => this.#hear(watcher, event, typeof name === "string" ? name : undefined));
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

  #hear(watcher: FSWatcher, event: string, name: string | undefined): void {
    if (watcher !== this.#watcher || this.#watched === undefined) return;
    const isOwn = name === undefined || name === basename(this.#watched);
    const isAbove = this.#watched !== this.#directory;
    if (isAbove && !isOwn && name !== this.#nextBelow(this.#watched)) return;
    // "rename" under its own name: it was deleted, moved or unmounted, and this watch is dead even if its inode lives again.
    const replaced = (isOwn && event === "rename") || ((isOwn || isAbove) && !this.#isRight());
    if (replaced) this.#arm();
    else if (isAbove) return;
    this.#listener({ name: isOwn || replaced ? undefined : name, renamed: event === "rename", replaced });
  }

  /** The name in a directory above that leads to the one that is wanted. */
  #nextBelow(above: string): string | undefined {
    return relative(above, this.#directory).split(sep)[0];
  }

  /**
   * A read follows, and opens the watch again: where the watch fails each time, that would be a loop. So each failure but the first
   * is followed by a pause.
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

/** Each attempt means that a directory came or went between two calls. */
const mostAttempts = 20;
const pauseMs = 5000;

/** EMFILE: instances per user, or descriptors of this process; ENOSPC: watches per user. */
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

/** Tells a directory from the one that takes its place; `undefined` where there is none. */
function identityOf(fileSystem: FileSystem, directory: string): string | undefined {
  try {
    const stats = fileSystem.statSync(directory, { throwIfNoEntry: false });
    return stats?.isDirectory() ? `${stats.dev} ${stats.ino} ${stats.birthtimeMs}` : undefined;
  } catch {
    return undefined;
  }
}
