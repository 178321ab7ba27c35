import { pause, type SecretPayload } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { incompleteError, isAbsence, toFileError } from "../errors.ts";
import { holdsVolume } from "../location.ts";
import { lacksKeys, lacksLinked } from "./lost-keys.ts";
import { createSnapshots, type Snapshots } from "./shared-snapshots.ts";
import type { VolumeSnapshot } from "./volume-snapshot.ts";
import { readTree } from "./volume-tree.ts";

/** The content of a volume at one place. */
export type VolumeAnswer =
  | {
      readonly kind: "payload";
      readonly payload: SecretPayload;
      readonly revision: string;
      readonly publishedAt: Date;
    }
  | { readonly kind: "absent" }
  /** The directory is gone, or has become a plain one. */
  | { readonly kind: "no-volume" };

/** One read below a volume. */
export interface VolumeQuestion {
  readonly directory: string;
  readonly rest: readonly string[];
  readonly path: string;
  readonly signal: AbortSignal;
  /** The fields that it held when it was last read; none for a value, absent if it was never there. */
  readonly keysBefore: readonly string[] | undefined;
}

/** A swap between two steps is answered by starting over; the sheet of a burst saw 29 in a row at most. */
const mostSwaps = 50;
/** Waits for a writer that is between two steps, or that deletes the volume to make it anew; 0.6 s in all. */
const writerWaitsMs: readonly number[] = [2, 4, 8, 16, 32, 50, 50, 50, 100, 100, 100, 100];
/** Keys that are gone may be the beginning of a deletion that timestamps are too coarse to show (4 ms on many kernels). */
const lostKeyWaitsMs: readonly number[] = [8, 16, 32];

/** Reads consistent snapshots of atomic volumes. */
export class VolumeReader {
  readonly #context: FilesContext;
  readonly #snapshots: Snapshots;
  /** directory -> the revision that was believed in spite of its looks */
  readonly #believed = new Map<string, string>();

  constructor(context: FilesContext) {
    this.#context = context;
    this.#snapshots = createSnapshots(context.fileSystem);
  }

  /**
   * Reads one place as of the newest publication: never a mixture, never a tree that is being deleted.
   * @throws {SecretError} UNAVAILABLE, reason `volume-incomplete`, when no whole volume appears; and what reading throws
   */
  async read(question: VolumeQuestion): Promise<VolumeAnswer> {
    let swaps = 0;
    let waits = 0;
    let doubts = 0;
    for (;;) {
      question.signal.throwIfAborted();
      const look = await this.#look(question);
      if (look.kind === "swapped" && ++swaps <= mostSwaps) continue;
      if (look.kind === "doubtful") {
        const wait = (look.touched ? writerWaitsMs : lostKeyWaitsMs)[doubts++];
        if (wait === undefined) return this.#believe(question, look);
        await pause(this.#context.clock, wait, question.signal, { keepsAlive: true });
      } else if (look.kind === "incomplete" || look.kind === "swapped") {
        const wait = writerWaitsMs[waits++];
        if (wait === undefined) return this.#giveUp(question);
        await pause(this.#context.clock, wait, question.signal, { keepsAlive: true });
        swaps = 0;
      } else return look;
    }
  }

  /** Returns whether a volume still publishes a revision. Nothing is known of one that cannot be looked at. */
  publishes(directory: string, revision: string | undefined, path: string): boolean {
    try {
      const shared = this.#snapshots.join(directory, path);
      return typeof shared !== "string" && shared.snapshot.revision === revision;
    } catch {
      return false;
    }
  }

  async #look(question: VolumeQuestion): Promise<Look> {
    const { directory, rest, path, keysBefore } = question;
    const { fileSystem } = this.#context;
    let snapshot: VolumeSnapshot | undefined;
    try {
      const shared = this.#snapshots.join(directory, path);
      if (shared === "incomplete") return { kind: "incomplete" };
      if (shared === "no-volume") return { kind: "no-volume" };
      snapshot = shared.snapshot;
      const content = readTree(this.#context, snapshot, rest, path);
      const { payload, touched } = content instanceof Promise ? await content : content;
      if (!(await shared.intact())) return { kind: "swapped" };
      const answer: VolumeAnswer =
        payload === undefined
          ? { kind: "absent" }
          : { kind: "payload", payload, revision: snapshot.revision, publishedAt: snapshot.publishedAt };
      const doubtful = touched || lacksKeys(payload, keysBefore) || lacksLinked(fileSystem, snapshot, rest, payload);
      if (!doubtful || this.#believed.get(directory) === snapshot.revision) return answer;
      return { kind: "doubtful", answer, touched, revision: snapshot.revision };
    } catch (error) {
      // A refusal found in a tree that is no longer published says nothing about the one that is.
      if (snapshot !== undefined && !isStill(snapshot)) return { kind: "swapped" };
      if (isAbsence(error)) return { kind: "incomplete" };
      throw toFileError(error, path);
    }
  }

  /** Nothing moved for so long that it is how the volume is: made by hand, or left so by a crash. */
  #believe({ directory }: VolumeQuestion, { answer, revision }: Doubt): VolumeAnswer {
    this.#believed.set(directory, revision);
    return answer;
  }

  #giveUp({ directory, path }: VolumeQuestion): VolumeAnswer {
    const names = namesIn(this.#context, directory, path);
    const isPlain = (names?.length ?? 0) > 0 && !holdsVolume(this.#context.fileSystem, directory, names ?? []);
    if (names === undefined || isPlain) return { kind: "no-volume" };
    throw incompleteError(path);
  }
}

type Look = VolumeAnswer | { readonly kind: "swapped" } | { readonly kind: "incomplete" } | Doubt;

interface Doubt {
  readonly kind: "doubtful";
  readonly answer: VolumeAnswer;
  readonly touched: boolean;
  readonly revision: string;
}

function isStill(snapshot: VolumeSnapshot): boolean {
  try {
    return snapshot.isIntact();
  } catch {
    return true;
  }
}

function namesIn({ fileSystem }: FilesContext, directory: string, path: string): readonly string[] | undefined {
  try {
    return fileSystem.readdirSync(directory);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw toFileError(error, path);
  }
}
