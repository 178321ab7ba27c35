import {
  type CallContext,
  type ProviderHost,
  SecretError,
  type Subscription,
  untilAborted,
} from "@tacit/core/provider";

import type { KubernetesApi } from "../api.ts";
import type { KubernetesOptions } from "../options.ts";
import { parsePath } from "../path.ts";
import type { SecretLocation } from "../secret.ts";
import { isBefore } from "../versions.ts";
import { LabelTarget } from "./label-target.ts";
import { WatchLoop, type WatchTarget } from "./loop.ts";
import { secretTarget } from "./secret-target.ts";
import { type WatchUse, watchSubscription } from "./subscription.ts";

/** The position of a watch at one time. */
export interface WatchPosition {
  readonly loop: WatchLoop;
  /** The version up to which it had reported all changes. */
  readonly version: string | undefined;
  /** The version of the Secret in its last event. */
  readonly lastVersion: string | undefined;
}

/** The watches of one provider: one for each subscribed Secret, or, with a label selector, one for each namespace. */
export class Watches {
  readonly #connection: KubernetesApi;
  readonly #labelSelector: string | undefined;
  readonly #host: ProviderHost;
  readonly #loops = new Set<WatchLoop>();
  /** Namespace -> its watch with the label selector. */
  readonly #labelled = new Map<string, { readonly target: LabelTarget; readonly loop: WatchLoop }>();
  #isClosed = false;

  constructor(connection: KubernetesApi, { labelSelector }: KubernetesOptions, host: ProviderHost) {
    this.#connection = connection;
    this.#labelSelector = labelSelector;
    this.#host = host;
  }

  /**
   * Subscribes to paths. When this resolves, the watches are connected, or `state` reports the failure and they keep trying.
   * @throws {SecretError} INVALID_NAME, and errors of finding the namespace
   */
  async subscribe(
    paths: readonly string[],
    hint: (path?: string) => void,
    context: CallContext,
  ): Promise<Subscription> {
    const locations = await this.#locations(paths, context);
    if (this.#isClosed) throw new SecretError("CLOSED", `provider "${this.#host.name}" was closed`);
    let isDisposed = false;
    const uses = [...locations].map(([path, location]) =>
      this.#use(location, () => {
        if (!isDisposed) hint(path);
      }),
    );
    const subscription = watchSubscription(uses, () => {
      isDisposed = true;
    });
    try {
      await untilAborted(Promise.all(uses.map(({ loop }) => loop.tried)), context.signal);
      return subscription;
    } catch (error) {
      await subscription[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Returns the positions of the watches of a Secret, to compare them with the result of a read that begins now. */
  positionsOf(location: SecretLocation): readonly WatchPosition[] {
    return this.#loopsOf(location).map((loop) => ({
      loop,
      version: loop.version,
      lastVersion: loop.target.lastVersion(location.name),
    }));
  }

  /**
   * Handles the result of a read. If its version comes before that of a watch, which has not reported it, the versions of the
   * API server have gone back, as after a restore from a backup. The watch is restarted, because it would receive no events
   * until the versions have caught up.
   * @param version undefined if the Secret does not exist
   * @param before the positions at which the read began
   */
  wasRead(location: SecretLocation, version: string | undefined, before: readonly WatchPosition[]): void {
    for (const { target } of this.#loopsOf(location)) target.wasRead(location.name, version);
    if (version === undefined) return;
    for (const { loop, version: reached, lastVersion } of before) {
      if (lastVersion !== undefined && lastVersion !== version && isBefore(version, reached)) loop.restart();
    }
  }

  /** Returns the Secret of the last event, once, if it is newer than the last answer; else undefined. */
  take(location: SecretLocation): unknown {
    const taken = this.#loopsOf(location).flatMap((loop) => (loop.isOpen ? [loop.target.take(location.name)] : []));
    return taken.find((object) => object !== undefined);
  }

  /** Whether a label selector is used that the Secret does not match. */
  isUnwatched({ namespace, name }: SecretLocation): boolean {
    return this.#labelled.get(namespace)?.target.isUnwatched(name) === true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#loops].map((loop) => this.#stop(loop)));
  }

  #loopsOf({ namespace, name }: SecretLocation): readonly WatchLoop[] {
    return [...this.#loops].filter(({ target }) => target.namespace === namespace && (target.name ?? name) === name);
  }

  /**
   * Returns the Secrets of paths. Tokens are left out: they are issued, not stored, so there is nothing to watch, and core
   * reads them again before they expire.
   */
  async #locations(paths: readonly string[], context: CallContext): Promise<ReadonlyMap<string, SecretLocation>> {
    const locations = new Map<string, SecretLocation>();
    for (const path of paths) {
      const { kind, name, namespace = await this.#connection.namespace(context) } = parsePath(path);
      if (kind === "secret") locations.set(path, { namespace, name });
    }
    return locations;
  }

  #use(location: SecretLocation, hint: () => void): WatchUse {
    if (this.#labelSelector !== undefined) return this.#useLabelled(this.#labelSelector, location, hint);
    const loop = this.#start(secretTarget(location, this.#host, hint));
    return { loop, isUnwatched: () => false, release: () => this.#stop(loop) };
  }

  #useLabelled(labelSelector: string, { namespace, name }: SecretLocation, hint: () => void): WatchUse {
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
      isUnwatched: () => target.isUnwatched(name),
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
  'A watch was refused, so changes are found by polling every 30 to 60 s. Give the Role the verb "watch" beside "get", and also "list" for a label selector.';
