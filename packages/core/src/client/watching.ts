import type { Decoder } from "../decode/codec.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Emit } from "../events/events.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import { toMilliseconds } from "../time/duration.ts";
import type { View } from "../view/view.ts";
import { closed } from "../view/view-problem.ts";
import { DerivedResource } from "../watch/derive.ts";
import type { Derived, DeriveOptions } from "../watch/derived.ts";
import { Watch, type WatchHost } from "../watch/watch.ts";
import type { Client } from "./client.ts";
import { isDecoder, type Target, toTarget, unknownAlias } from "./target.ts";

interface WatchOptions {
  readonly signal?: AbortSignal;
}

/** Creates the live handles of a client: watches and derived resources. */
export interface Watching {
  watch(name: string, second?: Decoder<unknown> | WatchOptions, third?: WatchOptions): Watch<unknown>;
  derive(alias: string, options: DeriveOptions<unknown, unknown>): Derived<unknown>;
}

/** Creates the handles of a client. @param strict whether only declared aliases may be watched */
export function createWatching(client: Client, strict: boolean): Watching {
  const { handles, report, scheduler } = client;
  return {
    watch(name, second, third) {
      if (client.isClosed) throw closed();
      const decoder = isDecoder(second) ? second : undefined;
      const options = decoder === undefined ? ((second as WatchOptions | undefined) ?? third) : third;
      checkOptions("watch", options, { signal: rules.signal });
      const { signal } = options ?? {};
      const watch = new Watch(new ClientWatchHost(client, toTarget(client, strict, name, decoder)), signal);
      // An aborted signal has already closed the watch.
      if (watch.state !== "closed") handles.add(watch);
      return watch;
    },
    derive(alias, options) {
      if (client.isClosed) throw closed();
      const declared = client.options.declarations.get(alias);
      if (declared === undefined) throw unknownAlias(alias, client.options.declarations);
      checkOptions("derive", options, { open: rules.function, close: rules.function, grace: rules.any });
      if (typeof options?.open !== "function") throw missingOpen(declared.reference.text);
      const { grace = "30s" } = options;
      const graceMs = toMilliseconds(grace, "`grace` of derive", { zero: true });
      const derived = new DerivedResource(declared.reference.text, options, graceMs, scheduler, report.emit);
      handles.add(derived);
      const cancel = client.whenStarted(() => {
        const view = client.views.get(alias) as View<unknown>;
        derived.attach(view, client.pin(view));
      });
      derived.onClose = () => {
        cancel();
        handles.delete(derived);
      };
      return derived;
    },
  };
}

/** The host of a watch. The view of an alias exists once the config document is read; that of a reference is created for the watch. */
class ClientWatchHost implements WatchHost<unknown> {
  readonly #client: Client;
  readonly #target: Target;

  constructor(client: Client, target: Target) {
    this.#client = client;
    this.#target = target;
  }

  get reference(): string {
    return this.#target.text;
  }

  get emit(): Emit {
    return this.#client.report.emit;
  }

  async view(): Promise<View<unknown>> {
    const target = this.#target;
    if (target.kind === "reference")
      return await this.#client.undeclared.with(target.reference, target.codec, (made) => made);
    await this.#client.start();
    return this.#client.views.get(target.alias) as View<unknown>;
  }

  whenView(attach: (view: View<unknown>) => void): () => void {
    const client = this.#client;
    const target = this.#target;
    if (target.kind === "alias")
      return client.whenStarted(() => attach(client.views.get(target.alias) as View<unknown>));
    let wanted = true;
    const { reference, codec } = target;
    const attached = client.undeclared.with(reference, codec, (made) => (wanted ? attach(made) : undefined));
    // A failure reaches the watch through `view`.
    attached.catch(() => undefined);
    return () => {
      wanted = false;
    };
  }

  pin(view: View<unknown>): void {
    this.#client.pin(view);
  }

  unpin(view: View<unknown>): void {
    view.unpin();
  }

  whileHeld<V>(work: Promise<V>): Promise<V> {
    return this.#client.whileHeld(work);
  }

  onClose(watch: Watch<unknown>): void {
    this.#client.handles.delete(watch);
  }
}

function missingOpen(reference: string): SecretError {
  return new SecretError("INVALID_CONFIG", "`derive` needs a function `open`", { reason: "option", reference });
}
