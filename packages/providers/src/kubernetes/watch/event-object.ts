import type { Clock } from "@tacit/core/provider";
import { isBefore } from "../versions.ts";
import type { WatchEvent } from "./event.ts";

/**
 * The age up to which an event may answer a read. A later read was delayed by an outage, and should find out whether that
 * continues.
 */
const freshMs = 5000;

/** The object of the last event of one Secret, for the read that the event causes. */
export class EventObject {
  readonly #clock: Clock;
  #object: { readonly object: unknown; readonly version: string; readonly cameAt: number } | undefined;
  /** The version in the last answer. */
  #answered: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Handles an event with new content or a deletion. */
  came({ deleted, object, version }: Extract<WatchEvent, { readonly kind: "object" }>): void {
    this.#object = deleted ? undefined : { object, version, cameAt: this.#clock.monotonic() };
  }

  /**
   * Handles the result of a read that the kept event did not answer.
   * @param version undefined if the Secret does not exist
   */
  wasRead(version: string | undefined): void {
    this.#answered = version;
    this.#object = undefined;
  }

  /**
   * Returns the object once if it is newer than the last answer, else undefined. A watch that resumes repeats events that a
   * read may have overtaken.
   */
  take(): unknown {
    const { object, version, cameAt = 0 } = this.#object ?? {};
    this.#object = undefined;
    if (this.#answered === undefined || !isBefore(this.#answered, version)) return undefined;
    if (this.#clock.monotonic() - cameAt > freshMs) return undefined;
    this.#answered = version;
    return object;
  }

  forget(): void {
    this.#object = undefined;
  }
}
