import type {
  Adapter,
  Finding,
  Provider,
  ProviderHost,
  ProviderResult,
  ReadRequest,
  SecretPayload,
  Supports,
} from "../src/contract/contract.ts";
import type { StandardSchemaV1 } from "../src/contract/standard-schema.ts";
import { SecretError, type SecretErrorCode, type SecretErrorOptions } from "../src/error/secret-error.ts";

/** One call that reached the store. */
export interface StoreRead extends ReadRequest {
  /** Monotonic time. */
  readonly at: number;
}

/** What one version of one secret carries beside its value. */
export interface StoredFacts {
  readonly version?: string;
  readonly createdAt?: Date;
  readonly expiresAt?: Date;
  readonly refreshAt?: Date;
}

type Answer = ProviderResult | SecretError;

/**
 * A store in memory whose faults and latency a test decides. It obeys the adapter contract: it aborts on its signal,
 * answers versions, and hints where `supports.subscribe` says so.
 */
export class ScriptedStore {
  supports: Supports = { payload: "both", versions: true, subscribe: false, conditional: true, defaultPollMs: 60_000 };
  /** What it says of a path that is not there. */
  place: ((path: string, fields?: readonly string[]) => string) | undefined;
  /** What every read costs, on the client's clock. */
  latencyMs = 0;
  /** Answers nothing until its signal aborts. */
  hangs = false;
  /** What every read of any path throws. */
  outage: SecretError | undefined;
  openError: SecretError | undefined;
  subscribeError: SecretError | undefined;
  /** What a check throws. */
  checkError: SecretError | undefined;
  /** What it answers to `diagnose`. */
  findings: readonly Finding[] = [];
  /** How long it takes until a subscription stands, on the client's clock. */
  subscribeLatencyMs = 0;
  /** Asked before everything else; undefined leaves the answer to the store. */
  script: ((request: ReadRequest) => Answer | undefined) | undefined;
  /** What a call for several paths answers or throws in place of the answers; undefined leaves them to the store. */
  manyScript: ((requests: readonly ReadRequest[]) => unknown) | undefined;
  readonly reads: StoreRead[] = [];
  /** The calls for several paths; each is in `reads` for every path as well. */
  readonly calls: (readonly string[])[] = [];
  /** path -> its versions, oldest first */
  readonly secrets: Map<string, ProviderResult[]> = new Map();
  readonly failures: Map<string, SecretError> = new Map();
  readonly hints: Map<string, Set<() => void>> = new Map();
  inFlight = 0;
  mostInFlight = 0;
  openings = 0;
  closings = 0;
  subscribings = 0;
  host: ProviderHost | undefined;
  options: unknown;
  #serial = 0;

  /** Stores a new version: text is one value, a record is fields. */
  set(path: string, value: string | Readonly<Record<string, string>>, facts: StoredFacts = {}): void {
    this.#serial += 1;
    const version = facts.version ?? `v${this.#serial}`;
    const stored: ProviderResult = { status: "ok", payload: toPayload(value), ...facts, version };
    this.secrets.set(path, [...(this.secrets.get(path) ?? []), stored]);
  }

  remove(path: string): void {
    this.secrets.delete(path);
  }

  fail(code: SecretErrorCode, options?: SecretErrorOptions): void {
    this.outage = new SecretError(code, "the store is scripted to fail", options);
  }

  failPath(path: string, code: SecretErrorCode, options?: SecretErrorOptions): void {
    this.failures.set(path, new SecretError(code, "the store is scripted to fail", options));
  }

  heal(): void {
    this.outage = undefined;
    this.hangs = false;
    this.failures.clear();
  }

  /** Calls every hint of a path. */
  hint(path: string): void {
    for (const listener of [...(this.hints.get(path) ?? [])]) listener();
  }

  readsOf(path: string): readonly StoreRead[] {
    return this.reads.filter((read) => read.path === path);
  }

  /** Everything this store answers to, as an adapter. */
  adapter(): Adapter<Record<string, unknown>> {
    return {
      name: "scripted",
      options: async () => anyRecord,
      credentials: ["token"],
      open: (options, host) => this.#open(options, host),
    };
  }

  async #open(options: unknown, host: ProviderHost): Promise<Provider> {
    this.openings += 1;
    this.host = host;
    this.options = options;
    if (this.openError !== undefined) throw this.openError;
    const { supports } = this;
    return {
      supports,
      place: (path, fields) => this.place?.(path, fields) ?? `"${path}"`,
      get: (request, { signal }) => this.#get(request, host, signal),
      ...(supports.batch === undefined
        ? {}
        : { getMany: (requests, { signal }) => this.#getMany(requests, host, signal) }),
      ...(supports.subscribe === false
        ? {}
        : { subscribe: (paths, hint, { signal }) => this.#subscribe(paths, hint, host, signal) }),
      check: async () => {
        if (this.checkError !== undefined) throw this.checkError;
      },
      diagnose: async () => this.findings,
      close: async () => {
        this.closings += 1;
      },
    };
  }

  async #get(request: ReadRequest, host: ProviderHost, signal: AbortSignal): Promise<ProviderResult> {
    this.reads.push({ ...request, at: host.clock.monotonic() });
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      // The answer is what the store holds when the call arrives, whatever happens on the way back.
      const answer = this.#answer(request);
      if (this.hangs) await passing(host, signal, undefined);
      else if (this.latencyMs > 0) await passing(host, signal, this.latencyMs);
      if (answer instanceof SecretError) throw answer;
      return answer;
    } finally {
      this.inFlight -= 1;
    }
  }

  async #getMany(
    requests: readonly ReadRequest[],
    host: ProviderHost,
    signal: AbortSignal,
  ): Promise<readonly Answer[]> {
    this.calls.push(requests.map(({ path }) => path));
    const at = host.clock.monotonic();
    this.reads.push(...requests.map((request) => ({ ...request, at })));
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      const scripted = this.manyScript?.(requests);
      const answers = scripted ?? requests.map((request) => this.#answer(request));
      if (this.hangs) await passing(host, signal, undefined);
      else if (this.latencyMs > 0) await passing(host, signal, this.latencyMs);
      if (this.outage !== undefined) throw this.outage;
      return (await answers) as readonly Answer[];
    } finally {
      this.inFlight -= 1;
    }
  }

  #answer(request: ReadRequest): Answer {
    const scripted = this.script?.(request);
    if (scripted !== undefined) return scripted;
    const failure = this.outage ?? this.failures.get(request.path);
    if (failure !== undefined) return failure;
    const versions = this.secrets.get(request.path) ?? [];
    const found = ofVersion(versions, request);
    if (found?.status !== "ok") return { status: "not-found", definitive: true };
    return found.version === request.ifVersion ? { status: "not-modified", version: found.version } : found;
  }

  async #subscribe(
    paths: readonly string[],
    hint: (path?: string) => void,
    host: ProviderHost,
    signal: AbortSignal,
  ): Promise<AsyncDisposable> {
    this.subscribings += 1;
    if (this.subscribeLatencyMs > 0) await passing(host, signal, this.subscribeLatencyMs);
    if (this.subscribeError !== undefined) throw this.subscribeError;
    const release = paths.map((path) => {
      const listeners = this.hints.get(path) ?? new Set();
      this.hints.set(path, listeners);
      const listener = (): void => hint(path);
      listeners.add(listener);
      return () => listeners.delete(listener);
    });
    return { [Symbol.asyncDispose]: async () => release.forEach((one) => void one()) };
  }
}

function ofVersion(versions: readonly ProviderResult[], { version }: ReadRequest): ProviderResult | undefined {
  if (typeof version === "object") return versions.find((one) => one.status === "ok" && one.version === version.id);
  return versions.at(version === "current" ? -1 : -2);
}

function toPayload(value: string | Readonly<Record<string, string>>): SecretPayload {
  if (typeof value === "string") return { kind: "value", bytes: Buffer.from(value) };
  return { kind: "fields", fields: new Map(Object.entries(value).map(([key, text]) => [key, Buffer.from(text)])) };
}

/** Waits on the client's clock, for ever without `delayMs`; an abort ends it. */
function passing({ clock }: ProviderHost, signal: AbortSignal, delayMs: number | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = delayMs === undefined ? undefined : clock.setTimer(resolve, delayMs);
  const onAbort = (): void => {
    timer?.cancel();
    reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return promise;
}

const anyRecord: StandardSchemaV1<unknown, Record<string, unknown>> = {
  "~standard": { version: 1, vendor: "scripted", validate: (value) => ({ value: value as Record<string, unknown> }) },
};
