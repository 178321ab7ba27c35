import { bytes } from "../decode/bytes.ts";
import { parseReference } from "../name/reference.ts";
import type { View } from "../view/view.ts";
import type { ViewPolicy } from "../view/view-policy.ts";
import { notFound } from "../view/view-problem.ts";
import type { ViewFactory } from "./view-factory.ts";

const policy: ViewPolicy<Uint8Array> = { declared: false, optional: false, onDelete: "clear", mask: "always" };

/** The credentials that providers read from other providers: refreshed like declared secrets, from their first use to the end of the client. */
export class CredentialViews {
  readonly #client: ViewFactory;
  readonly #codec = bytes();
  /** reference -> its view */
  readonly #views: Map<string, View<Uint8Array>> = new Map();

  constructor(client: ViewFactory) {
    this.#client = client;
  }

  *all(): Iterable<View<unknown>> {
    yield* this.#views.values() as Iterable<View<unknown>>;
  }

  /** Reads a credential, and returns a copy that the caller owns. @throws {SecretError} as `View.read` does; NOT_FOUND */
  async read(reference: string): Promise<Uint8Array> {
    await this.#client.start();
    const secret = await this.#view(reference).read();
    if (secret === undefined) throw notFound(this.#view(reference));
    return secret.reveal();
  }

  /** Reports that a credential may have changed, because a login with it was refused. */
  hint(reference: string): void {
    this.#views.get(parseReference(reference).text)?.source.hint();
  }

  #view(text: string): View<Uint8Array> {
    const reference = parseReference(text);
    let view = this.#views.get(reference.text);
    if (view === undefined) {
      view = this.#client.makeView(reference, this.#codec, policy);
      this.#views.set(reference.text, view);
    }
    view.startRefresh();
    return view;
  }
}
