import type { Clock } from "@tacit/core/provider";
import { isBefore } from "../versions.ts";
import type { WatchEvent } from "./event.ts";

/** A read that comes later was held up by an outage, and should find out whether it lasts. */
const freshMs = 5000;

/** What the last event of one Secret brought, for the read that it brings about. */
export class EventObject {
  readonly #clock: Clock;
  #object: { readonly object: unknown; readonly version: string; readonly cameAt: number } | undefined;
  /** The version that was answered last. */
  #answered: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new content has come with an event, or the Secret is gone. */
  came({ deleted, object, version }: Extract<WatchEvent, { readonly kind: "object" }>): void {
    this.#object = deleted ? undefined : { object, version, cameAt: this.#clock.monotonic() };
  }

  /** A read has found this version; undefined: there is no such Secret. It was not the one that the event was kept for. */
  wasRead(version: string | undefined): void {
    this.#answered = version;
    this.#object = undefined;
  }

  /** Returns the object, once, if it is newer than what was answered last. A watch that resumes repeats what a read may have passed. */
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
