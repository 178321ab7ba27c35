import { pause, type SecretPayload } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { incompleteError, isAbsence, toFileError } from "../errors.ts";
import { holdsVolume } from "../location.ts";
import { lacksKeys, lacksLinked } from "./lost-keys.ts";
import { createSnapshots, type Snapshots } from "./shared-snapshots.ts";
import type { VolumeSnapshot } from "./volume-snapshot.ts";
import { readTree } from "./volume-tree.ts";

/** The content of one path in a volume. */
export type VolumeAnswer =
  | {
      readonly kind: "payload";
      readonly payload: SecretPayload;
      readonly revision: string;
      readonly publishedAt: Date;
    }
  | { readonly kind: "absent" }
  /** The directory no longer exists, or has become a plain one. */
  | { readonly kind: "no-volume" };

/** A read of one path in a volume. */
export interface VolumeQuestion {
  readonly directory: string;
  readonly rest: readonly string[];
  readonly path: string;
  readonly signal: AbortSignal;
  /** The field names of the last read; empty for a value, undefined if the path did not exist. */
  readonly keysBefore: readonly string[] | undefined;
}

/** The number of times a read starts over because of a swap; measured bursts caused at most 29. */
const mostSwaps = 50;
/** The waits for a writer between two steps, or one that recreates the volume; 0.6 s in total. */
const writerWaitsMs: readonly number[] = [2, 4, 8, 16, 32, 50, 50, 50, 100, 100, 100, 100];
/** The waits after missing keys, which may be the beginning of a deletion that coarse timestamps (4 ms on many kernels) do not show. */
const lostKeyWaitsMs: readonly number[] = [8, 16, 32];

/** Reads consistent snapshots of atomic volumes. */
export class VolumeReader {
  readonly #context: FilesContext;
  readonly #snapshots: Snapshots;
  /** directory -> the doubtful revision that was accepted after all waits */
  readonly #believed = new Map<string, string>();

  constructor(context: FilesContext) {
    this.#context = context;
    this.#snapshots = createSnapshots(context.fileSystem);
  }

  /**
   * Reads a path in the newest publication, never a mixture of two, and not from a tree that is being deleted.
   * @throws {SecretError} UNAVAILABLE `volume-incomplete` if the volume stays incomplete; errors of reading; the signal's reason
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

  /** Returns whether a volume still has a revision; false if that cannot be determined. */
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
      // An error in a former tree does not concern the published one.
      if (snapshot !== undefined && !isStill(snapshot)) return { kind: "swapped" };
      if (isAbsence(error)) return { kind: "incomplete" };
      throw toFileError(error, path);
    }
  }

  /** Accepts a doubtful revision that did not change during all waits: it was created manually, or left by a crash. */
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
