import type { Clock, SecretPayload } from "@tacit/core/provider";
import { pause } from "../../shared/pause.ts";
import { incompleteError, isAbsence, toFileError } from "../failure.ts";
import type { FileSystem } from "../file-system.ts";
import { looksLikeVolume } from "../place.ts";
import { lacksKeys, lacksLinked } from "./lost-keys.ts";
import { createPasses, type Passes } from "./shared-passes.ts";
import type { VolumePass } from "./volume-pass.ts";
import { readTree, type TreeReading } from "./volume-tree.ts";

/** What a volume holds at one place. */
export type VolumeAnswer =
  | {
      readonly kind: "payload";
      readonly payload: SecretPayload;
      readonly generation: string;
      readonly publishedAt: Date;
    }
  | { readonly kind: "absent" }
  /** The directory is gone, or has become a plain one. */
  | { readonly kind: "no-volume"; readonly exists: boolean };

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
  readonly #reading: TreeReading;
  readonly #clock: Clock;
  readonly #passes: Passes;
  /** directory -> the generation that was believed in spite of its looks */
  readonly #believed = new Map<string, string>();

  constructor(reading: TreeReading, clock: Clock) {
    this.#reading = reading;
    this.#clock = clock;
    this.#passes = createPasses(reading.fileSystem);
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
        await pause(this.#clock, wait, question.signal, { keepsAlive: true });
      } else if (look.kind === "incomplete" || look.kind === "swapped") {
        const wait = writerWaitsMs[waits++];
        if (wait === undefined) return this.#giveUp(question);
        await pause(this.#clock, wait, question.signal, { keepsAlive: true });
        swaps = 0;
      } else return look;
    }
  }

  /** Whether a volume still publishes a generation. Nothing is known of one that cannot be looked at. */
  publishes(directory: string, generation: string | undefined, path: string): boolean {
    try {
      return this.#passes.join(directory, path)?.pass.generation === generation && generation !== undefined;
    } catch {
      return false;
    }
  }

  async #look(question: VolumeQuestion): Promise<Look> {
    const { directory, rest, path, keysBefore } = question;
    const { fileSystem } = this.#reading;
    let pass: VolumePass | undefined;
    try {
      const shared = this.#passes.join(directory, path);
      if (shared === undefined) return { kind: "incomplete" };
      pass = shared.pass;
      const content = readTree(this.#reading, pass, rest, path);
      const { payload, touched } = content instanceof Promise ? await content : content;
      if (!(await shared.intact())) return { kind: "swapped" };
      const answer: VolumeAnswer =
        payload === undefined
          ? { kind: "absent" }
          : { kind: "payload", payload, generation: pass.generation, publishedAt: pass.publishedAt };
      const doubtful = touched || lacksKeys(payload, keysBefore) || lacksLinked(fileSystem, pass, rest, payload);
      if (!doubtful || this.#believed.get(directory) === pass.generation) return answer;
      return { kind: "doubtful", answer, touched, generation: pass.generation };
    } catch (error) {
      // A refusal found in a tree that is no longer published says nothing about the one that is.
      if (pass !== undefined && !isStill(pass)) return { kind: "swapped" };
      if (isAbsence(error)) return { kind: "incomplete" };
      throw toFileError(error, path);
    }
  }

  /** Nothing moved for so long that it is how the volume is: made by hand, or left so by a crash. */
  #believe({ directory }: VolumeQuestion, { answer, generation }: Doubt): VolumeAnswer {
    this.#believed.set(directory, generation);
    return answer;
  }

  #giveUp({ directory, path }: VolumeQuestion): VolumeAnswer {
    const names = namesIn(this.#reading.fileSystem, directory, path);
    if (names === undefined) return { kind: "no-volume", exists: false };
    if (names.length > 0 && !looksLikeVolume(names)) return { kind: "no-volume", exists: true };
    throw incompleteError(path);
  }
}

type Look = VolumeAnswer | { readonly kind: "swapped" } | { readonly kind: "incomplete" } | Doubt;

interface Doubt {
  readonly kind: "doubtful";
  readonly answer: VolumeAnswer;
  readonly touched: boolean;
  readonly generation: string;
}

function isStill(pass: VolumePass): boolean {
  try {
    return pass.isIntact();
  } catch {
    return true;
  }
}

function namesIn(fileSystem: FileSystem, directory: string, path: string): readonly string[] | undefined {
  try {
    return fileSystem.readdirSync(directory);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw toFileError(error, path);
  }
}
