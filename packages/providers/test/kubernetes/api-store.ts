/** A Secret as the API server sends it. */
export interface StoredSecret {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
  readonly type: string;
  readonly data?: Readonly<Record<string, string>> | null | undefined;
  readonly immutable?: boolean | undefined;
}

/** What a test writes; fields are text or bytes, `raw` goes into `data` as it is. */
export interface SecretDraft {
  readonly fields?: Readonly<Record<string, string | Uint8Array>> | undefined;
  readonly raw?: Readonly<Record<string, string>> | null | undefined;
  readonly type?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** One change. */
export interface StoredEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  readonly object: StoredSecret;
  readonly before: StoredSecret | undefined;
}

/** What an API server keeps: Secrets, and a history of their changes that can be compacted. */
export class ApiStore {
  readonly events: StoredEvent[] = [];
  /** `namespace/name` -> Secret */
  readonly #secrets = new Map<string, StoredSecret>();
  readonly #onEvent: (event: StoredEvent) => void;
  #version = 1000;
  #compactedTo = 0;
  #uids = 0;

  constructor(onEvent: (event: StoredEvent) => void) {
    this.#onEvent = onEvent;
  }

  get version(): number {
    return this.#version;
  }

  get(namespace: string, name: string): StoredSecret | undefined {
    return this.#secrets.get(`${namespace}/${name}`);
  }

  list(namespace: string, matches: (secret: StoredSecret) => boolean): readonly StoredSecret[] {
    return [...this.#secrets.values()].filter((secret) => secret.metadata.namespace === namespace && matches(secret));
  }

  /** Makes or replaces a Secret. */
  put(namespace: string, name: string, draft: SecretDraft): StoredSecret {
    const before = this.get(namespace, name);
    const version = ++this.#version;
    const { fields, raw, type = "Opaque", labels, annotations, immutable, metadata } = draft;
    const data = fields === undefined ? raw : { ...encoded(fields), ...raw };
    const object: StoredSecret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        ...metadata,
        name,
        namespace,
        uid: before?.metadata.uid ?? `uid-${++this.#uids}`,
        resourceVersion: `${version}`,
        ...(labels !== undefined && { labels }),
        ...(annotations !== undefined && { annotations }),
      },
      type,
      ...(data !== undefined && { data }),
      ...(immutable !== undefined && { immutable }),
    };
    this.#secrets.set(`${namespace}/${name}`, object);
    this.#record({ type: before === undefined ? "ADDED" : "MODIFIED", version, object, before });
    return object;
  }

  remove(namespace: string, name: string): void {
    const before = this.get(namespace, name);
    if (before === undefined) return;
    const version = ++this.#version;
    this.#secrets.delete(`${namespace}/${name}`);
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: `${version}` } };
    this.#record({ type: "DELETED", version, object, before });
  }

  /** Time passes in other objects: a version that nobody has heard of. */
  age(): void {
    this.#version += 100;
  }

  /** Goes back to an earlier version, as after a restore from a backup: what happened since never did. */
  rewind(version: number): void {
    this.#version = version;
    this.events.length = 0;
  }

  /** Forgets what happened up to now. */
  compact(): void {
    this.#compactedTo = this.#version;
  }

  isCompacted(version: number): boolean {
    return version < this.#compactedTo;
  }

  #record(event: StoredEvent): void {
    this.events.push(event);
    this.#onEvent(event);
  }
}

function encoded(fields: Readonly<Record<string, string | Uint8Array>>): Record<string, string> {
  // Entries, as `__proto__` is a key like any other.
  return Object.fromEntries(
    Object.entries(fields).map(([key, content]) => [key, Buffer.from(content as string).toString("base64")]),
  );
}
