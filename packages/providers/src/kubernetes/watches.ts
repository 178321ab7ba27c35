import { type CallContext, type ProviderHost, SecretError, type Subscription } from "@tacit/core/provider";
import { unlessAborted } from "../shared/pause.ts";
import type { ApiConnection } from "./api-connection.ts";
import { LabelTarget } from "./label-watch.ts";
import type { KubernetesOptions } from "./options.ts";
import { parsePath } from "./path.ts";
import type { SecretPlace } from "./secret-read.ts";
import { secretTarget } from "./secret-target.ts";
import { WatchLoop, type WatchTarget } from "./watch-loop.ts";
import { type WatchUse, watchSubscription } from "./watch-subscription.ts";

/** The watches of one provider: one for each subscribed Secret, or, with a label selector, one for each namespace. */
export class Watches {
  readonly #connection: ApiConnection;
  readonly #labelSelector: string | undefined;
  readonly #host: ProviderHost;
  readonly #loops = new Set<WatchLoop>();
  /** namespace -> what is watched there by its labels */
  readonly #labelled = new Map<string, { readonly target: LabelTarget; readonly loop: WatchLoop }>();
  #isClosed = false;

  constructor(connection: ApiConnection, { labelSelector }: KubernetesOptions, host: ProviderHost) {
    this.#connection = connection;
    this.#labelSelector = labelSelector;
    this.#host = host;
  }

  /**
   * Watches paths. It stands when this resolves, or says in its `state` that it does not; then it goes on trying.
   * @throws {SecretError} INVALID_NAME, and what finding out the namespace throws
   */
  async subscribe(
    paths: readonly string[],
    hint: (path?: string) => void,
    context: CallContext,
  ): Promise<Subscription> {
    const places = await this.#places(paths, context);
    if (this.#isClosed) throw new SecretError("CLOSED", `provider "${this.#host.name}" was closed`);
    let isDisposed = false;
    const uses = [...places].map(([path, place]) =>
      this.#use(place, () => {
        if (!isDisposed) hint(path);
      }),
    );
    const subscription = watchSubscription(uses, () => {
      isDisposed = true;
    });
    try {
      await unlessAborted(Promise.all(uses.map(({ loop }) => loop.tried)), context.signal);
      return subscription;
    } catch (error) {
      await subscription[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A read has told whether there is such a Secret. */
  wasRead({ namespace, name }: SecretPlace, isThere: boolean): void {
    this.#labelled.get(namespace)?.target.wasRead(name, isThere);
  }

  /** Whether a Secret is watched by its labels, and does not match. */
  isUnheard({ namespace, name }: SecretPlace): boolean {
    return this.#labelled.get(namespace)?.target.isUnheard(name) === true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#loops].map((loop) => this.#stop(loop)));
  }

  /** A token is asked for, not kept, so there is nothing to watch: core reads it again before it ends. */
  async #places(paths: readonly string[], context: CallContext): Promise<ReadonlyMap<string, SecretPlace>> {
    const places = new Map<string, SecretPlace>();
    for (const path of paths) {
      const { kind, name, namespace = await this.#connection.namespace(context) } = parsePath(path);
      if (kind === "secret") places.set(path, { namespace, name });
    }
    return places;
  }

  #use(place: SecretPlace, hint: () => void): WatchUse {
    if (this.#labelSelector !== undefined) return this.#useLabelled(this.#labelSelector, place, hint);
    const loop = this.#start(secretTarget(place, this.#host, hint));
    return { loop, isUnheard: () => false, release: () => this.#stop(loop) };
  }

  #useLabelled(labelSelector: string, { namespace, name }: SecretPlace, hint: () => void): WatchUse {
    let labelled = this.#labelled.get(namespace);
    if (labelled === undefined) {
      const target = new LabelTarget({ namespace, labelSelector }, this.#connection, this.#host);
      labelled = { target, loop: this.#start(target) };
      this.#labelled.set(namespace, labelled);
    }
    const { target, loop } = labelled;
    const unfollow = target.follow(name, hint);
    return {
      loop,
      isUnheard: () => target.isUnheard(name),
      release: async () => {
        unfollow();
        if (!target.isIdle) return;
        if (this.#labelled.get(namespace)?.target === target) this.#labelled.delete(namespace);
        await this.#stop(loop);
      },
    };
  }

  #start(target: WatchTarget): WatchLoop {
    const onDenied = (): void => this.#host.warn("watch-denied", deniedTip);
    const loop = new WatchLoop(target, { connection: this.#connection, host: this.#host, onDenied });
    this.#loops.add(loop);
    return loop;
  }

  async #stop(loop: WatchLoop): Promise<void> {
    this.#loops.delete(loop);
    await loop.close();
  }
}

const deniedTip =
  'A watch was refused, so changes are found by a read every 30 to 60 s. Give the Role the verb "watch" beside "get"; for a label selector "list", too.';
