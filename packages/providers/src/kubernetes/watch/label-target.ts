import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { KubernetesApi } from "../api.ts";
import { deniedFailure } from "../errors.ts";
import { objectMeta, record } from "../object-meta.ts";
import { ContentTracker } from "./content-tracker.ts";
import type { WatchEvent } from "./event.ts";
import { EventObject } from "./event-object.ts";
import type { WatchTarget } from "./loop.ts";

/**
 * The watch of all Secrets of a namespace that match a selector. Before a watch that cannot resume, it lists their metadata
 * page by page, to find changes since the last watch. Values arrive only in events, one object per line.
 */
export class LabelTarget implements WatchTarget {
  readonly namespace: string;
  readonly name: undefined;
  readonly query: { readonly labelSelector: string };
  readonly #connection: KubernetesApi;
  readonly #host: Pick<ProviderHost, "clock" | "contentVersion">;
  readonly #followed = new Map<string, Followed>();
  /** Name -> uid and version at the last list or event; undefined before the first list. */
  #known: Map<string, string> | undefined;

  constructor(
    location: { readonly namespace: string; readonly labelSelector: string },
    connection: KubernetesApi,
    host: Pick<ProviderHost, "clock" | "contentVersion">,
  ) {
    this.namespace = location.namespace;
    this.query = { labelSelector: location.labelSelector };
    this.#connection = connection;
    this.#host = host;
  }

  /** Whether no Secret is followed. */
  get isIdle(): boolean {
    return this.#followed.size === 0;
  }

  /** Calls `hint` when one Secret may have changed, until the returned function is called. */
  follow(name: string, hint: () => void): () => void {
    const followed = this.#followed.get(name) ?? {
      hints: new Set(),
      content: new ContentTracker(this.#host),
      newest: new EventObject(this.#host.clock),
      isThere: false,
    };
    this.#followed.set(name, followed);
    followed.hints.add(hint);
    return () => {
      followed.hints.delete(hint);
      if (followed.hints.size === 0) this.#followed.delete(name);
    };
  }

  /** Handles the result of a read, which finds a Secret whatever its labels are. */
  wasRead(name: string, version: string | undefined): void {
    const followed = this.#followed.get(name);
    if (followed === undefined) return;
    followed.isThere = version !== undefined;
    followed.newest.wasRead(version);
  }

  take(name: string): unknown {
    return this.#followed.get(name)?.newest.take();
  }

  /** Whether a Secret exists but does not match, so that the watch does not report its changes. */
  isUnwatched(name: string): boolean {
    return this.#followed.get(name)?.isThere === true && this.#known?.has(name) === false;
  }

  lastVersion(name: string): string | undefined {
    return this.#known?.get(name)?.split(" ")[1];
  }

  async begin(context: CallContext): Promise<string> {
    const listed = new Map<string, string>();
    let from: string | undefined;
    let version = "";
    for (let page = 0; page < mostPages; page++) {
      const { metadata, items } = await this.#page(from, context);
      for (const item of items) {
        const { name, uid, resourceVersion } = objectMeta(item);
        listed.set(name, `${uid} ${resourceVersion}`);
      }
      version = String(metadata.resourceVersion ?? "");
      from = typeof metadata.continue === "string" && metadata.continue !== "" ? metadata.continue : undefined;
      if (from === undefined) break;
    }
    const before = this.#known;
    this.#known = listed;
    if (before !== undefined)
      for (const name of this.#followed.keys()) if (before.get(name) !== listed.get(name)) this.#hint(name);
    return version;
  }

  onObject(event: Extract<WatchEvent, { readonly kind: "object" }>): void {
    const { name, deleted } = event;
    if (deleted) this.#known?.delete(name);
    else this.#known?.set(name, `${objectMeta(event.object).uid} ${event.version}`);
    const followed = this.#followed.get(name);
    if (followed === undefined) return;
    // The Secret was deleted or has lost its labels; the next read shows which.
    followed.isThere = !deleted;
    if (!followed.content.changes(event)) return;
    followed.newest.came(event);
    this.#hint(name);
  }

  onMissed(): void {
    for (const [name, { newest }] of [...this.#followed]) {
      newest.forget();
      this.#hint(name);
    }
  }

  async #page(
    from: string | undefined,
    context: CallContext,
  ): Promise<{ readonly metadata: Readonly<Record<string, unknown>>; readonly items: readonly unknown[] }> {
    const { namespace } = this;
    const answer = await this.#connection.request(
      {
        path: "/api/v1/namespaces/{namespace}/secrets",
        values: { namespace },
        query: { ...this.query, limit: pageSize, continue: from },
        headers: { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" },
        accept: [403, 410],
        maxBytes: pageSize * largestMetadataBytes,
      },
      context,
    );
    if (answer.status === 403) throw deniedFailure({ verb: "list", resource: "secrets", namespace });
    if (answer.status === 410) throw new SecretError("UNAVAILABLE", "a list took so long that its version expired");
    const list = record(answer.json());
    return { metadata: record(list?.metadata) ?? {}, items: Array.isArray(list?.items) ? list.items : [] };
  }

  #hint(name: string): void {
    for (const hint of [...(this.#followed.get(name)?.hints ?? [])]) hint();
  }
}

/** One followed Secret. */
interface Followed {
  readonly hints: Set<() => void>;
  /** The content at the last event. */
  readonly content: ContentTracker;
  readonly newest: EventObject;
  /** Whether the Secret existed at the last read or event. */
  isThere: boolean;
}

const pageSize = 20;
/** The maximum size per object: 256 KiB of annotations, escaped, and the managed fields. */
const largestMetadataBytes = 768 * 1024;
/** Allows 20 000 Secrets. */
const mostPages = 1000;
