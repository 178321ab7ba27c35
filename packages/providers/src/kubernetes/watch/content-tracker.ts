import type { ProviderHost } from "@tacit/core/provider";
import { readSecretObject } from "../secret.ts";
import type { WatchEvent } from "./event.ts";

/** Tells changes of content apart from edits of metadata and encryptions under a new key, which an event does not. */
export class ContentTracker {
  readonly #host: Pick<ProviderHost, "contentVersion">;
  #last: string | undefined;

  constructor(host: Pick<ProviderHost, "contentVersion">) {
    this.#host = host;
  }

  /** Whether the content is another one than at the last event. */
  changes({ deleted, object }: Extract<WatchEvent, { readonly kind: "object" }>): boolean {
    const now = deleted ? undefined : this.#versionOf(object);
    const isSame = now !== undefined && now === this.#last;
    this.#last = now;
    return !isSame;
  }

  /** Undefined for what cannot be read, which is never the same as before. */
  #versionOf(object: unknown): string | undefined {
    try {
      return readSecretObject(object, this.#host, []).version;
    } catch {
      return undefined;
    }
  }
}
