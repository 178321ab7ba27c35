import { isBefore } from "../versions.ts";
import type { WatchEvent } from "./event.ts";

/** What the last event of one Secret brought, for the read that it brings about. */
export class EventObject {
  #object: { readonly object: unknown; readonly version: string } | undefined;
  /** The version that was answered last. */
  #answered: string | undefined;

  /** A new content has come with an event, or the Secret is gone. */
  came({ deleted, object, version }: Extract<WatchEvent, { readonly kind: "object" }>): void {
    this.#object = deleted ? undefined : { object, version };
  }

  /** A read has found this version; undefined: there is no such Secret. */
  wasRead(version: string | undefined): void {
    this.#answered = version;
  }

  /** Returns the object, once, if it is newer than what was answered last. A watch that resumes repeats what a read may have passed. */
  take(): unknown {
    const { object, version } = this.#object ?? {};
    this.#object = undefined;
    if (this.#answered === undefined || !isBefore(this.#answered, version)) return undefined;
    this.#answered = version;
    return object;
  }

  forget(): void {
    this.#object = undefined;
  }
}
