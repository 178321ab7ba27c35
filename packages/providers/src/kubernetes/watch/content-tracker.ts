import type { ProviderHost } from "@tacit/core/provider";
import { readSecretObject } from "../secret.ts";
import type { WatchEvent } from "./event.ts";

/** Distinguishes changes of content from edits of metadata and encryptions under a new key; events do not. */
export class ContentTracker {
  readonly #host: Pick<ProviderHost, "contentVersion">;
  #last: string | undefined;

  constructor(host: Pick<ProviderHost, "contentVersion">) {
    this.#host = host;
  }

  /** Records an event, and returns whether the content differs from that of the last event. */
  changes({ deleted, object }: Extract<WatchEvent, { readonly kind: "object" }>): boolean {
    const now = deleted ? undefined : this.#versionOf(object);
    const isSame = now !== undefined && now === this.#last;
    this.#last = now;
    return !isSame;
  }

  /** Returns the version of the content; undefined if it cannot be read, which always counts as a change. */
  #versionOf(object: unknown): string | undefined {
    try {
      return readSecretObject(object, this.#host, []).version;
    } catch {
      return undefined;
    }
  }
}
