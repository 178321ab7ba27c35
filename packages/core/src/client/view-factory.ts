import type { Codec } from "../decode/codec.ts";
import type { Reference } from "../name/reference.ts";
import type { StorePath } from "../source/source.ts";
import type { View } from "../view/view.ts";
import type { ViewPolicy } from "../view/view-policy.ts";

/** The part of a client that the owners of views need. */
export interface ViewFactory {
  /** The objects that exist once the config document is read. */
  readonly started:
    | {
        readonly router: { retain(names: ReadonlySet<string>): void };
        readonly sources: { retain(inUse: ReadonlySet<StorePath>): void };
      }
    | undefined;
  /** Reads the config document; once, unless it fails. @throws {SecretError} INVALID_CONFIG */
  start(): Promise<{ readonly config: { readonly cache: { readonly maxEntries: number } } }>;
  /** Creates a view. @throws {SecretError} as `Client.makeView` does */
  makeView<T>(reference: Reference, codec: Codec<T>, policy: ViewPolicy<T>): View<T>;
  allViews(): Iterable<View<unknown>>;
}
