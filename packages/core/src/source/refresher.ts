import type { Subscription } from "../contract/contract.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { Observer } from "./source.ts";

/** What an entry has only while something keeps it fresh: its observers, its subscription, its polling phase. */
export class Keeping {
  /** An array, since there is one per secret and rarely a second observer. */
  observers: readonly Observer[] = [];
  readonly #provider: ConfiguredProvider;
  readonly #path: string;
  readonly #hint: (local: boolean) => void;
  #subscription: Subscription | undefined;
  #subscribing: Promise<void> | undefined;
  #polled = false;
  #stopped = false;

  constructor(provider: ConfiguredProvider, path: string, hint: (local: boolean) => void) {
    this.#provider = provider;
    this.#path = path;
    this.#hint = hint;
  }

  /**
   * Called before every read. A local subscription stands before the read begins; a remote one is not waited for, and
   * hints by itself when it stands. One that failed is tried again with each read; the poll goes on meanwhile.
   * @throws {SecretError} when the provider cannot be opened
   */
  async subscribed(): Promise<void> {
    const { supports } = await this.#provider.open();
    if (supports.subscribe === false || this.#subscription !== undefined || this.#stopped) return;
    this.#subscribing ??= this.#subscribe(supports.subscribe === "local");
    if (supports.subscribe === "local") await this.#subscribing;
  }

  /** The share of the poll interval to wait: spread evenly at first, then with a little jitter. */
  nextPhase(random: number): number {
    const phase = this.#polled ? 0.9 + random / 5 : random;
    this.#polled = true;
    return phase;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#subscribing;
    const subscription = this.#subscription;
    this.#subscription = undefined;
    // A subscription that fails to end has nobody left to hear of it.
    await Promise.resolve(subscription?.[Symbol.asyncDispose]()).catch(() => undefined);
  }

  async #subscribe(local: boolean): Promise<void> {
    const hint = (): void => {
      if (!this.#stopped) this.#hint(local);
    };
    try {
      this.#subscription = await this.#provider.subscribe(this.#path, hint);
      if (!local && this.#subscription !== undefined) hint();
    } catch {
      // The provider has reported it; polling goes on.
    } finally {
      this.#subscribing = undefined;
    }
  }
}
