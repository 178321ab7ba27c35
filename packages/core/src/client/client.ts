import type { ConfigSource } from "../config/config-document.ts";
import { defaultSource } from "../config/default-source.ts";
import { createProviderPool, type OptionReader, optionProblems } from "../config/open-providers.ts";
import type { ParsedConfig } from "../config/parsed-config.ts";
import type { Adapters } from "../contract/adapters.ts";
import type { KeyRings } from "../contract/key-ring.ts";
import type { ResolvedDeclaration } from "../declare/resolve-declarations.ts";
import type { Codec } from "../decode/codec.ts";
import { reportProblems } from "../error/problems.ts";
import { SecretError } from "../error/secret-error.ts";
import { Deliveries } from "../events/deliveries.ts";
import { createEvents, type Emit, failureOf } from "../events/events.ts";
import { RotationAge } from "../health/rotation-age.ts";
import { parseReference, type Reference } from "../name/reference.ts";
import { formatSelector, type Selector } from "../name/selector.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { ProviderDependencies } from "../provider/provider-host.ts";
import type { Redactor } from "../redact/redactor.ts";
import { checkRoutes } from "../route/check-routes.ts";
import { Router } from "../route/router.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { PreviousSource } from "../source/previous.ts";
import type { PayloadSource } from "../source/source.ts";
import { SourceCache } from "../source/source-cache.ts";
import type { Clock } from "../time/clock.ts";
import { Heartbeat } from "../time/heartbeat.ts";
import { Scheduler } from "../time/scheduler.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { Bans } from "../view/bans.ts";
import { Previous } from "../view/previous.ts";
import { View } from "../view/view.ts";
import type { ViewContext, ViewPolicy } from "../view/view-policy.ts";
import { closed } from "../view/view-problem.ts";
import { CredentialViews } from "./credential-views.ts";
import { unknownAlias } from "./target.ts";
import { UndeclaredViews } from "./undeclared-views.ts";

/** The parts of a client. `createSecrets` sets all defaults. */
export interface ClientOptions {
  readonly declarations: ReadonlyMap<string, ResolvedDeclaration>;
  readonly adapters: Adapters;
  readonly keys?: KeyRings | undefined;
  readonly config: ConfigSource | undefined;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly random: () => number;
  readonly audit: { readonly hits?: boolean; readonly reveals?: boolean };
  /** As in `ViewContext`. Default: true. */
  readonly waitsForRefused?: boolean;
}

/** The objects that exist once the config document is read. */
interface Started {
  readonly config: ParsedConfig;
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly router: Router;
  readonly sources: SourceCache;
  readonly context: ViewContext;
}

/** Shared, to avoid one empty list per secret. */
const noSelectors: readonly Selector[] = [];

/** The state of a client: reads its config document once, and owns the views. */
export class Client {
  readonly options: ClientOptions;
  readonly scheduler: Scheduler;
  readonly report: ReturnType<typeof createEvents>;
  readonly deliveries: Deliveries;
  readonly closing: AbortController = new AbortController();
  readonly undeclared: UndeclaredViews;
  readonly credentials: CredentialViews;
  /** alias -> its view; empty until the config document is read */
  readonly views: Map<string, View<unknown>> = new Map();
  readonly previous: Map<string, Previous<unknown>> = new Map();
  readonly ages: Map<string, RotationAge> = new Map();
  /** The handles that close with the client. */
  readonly handles: Set<{ close(): Promise<void>; opened?(): Promise<unknown> }> = new Set();
  /** The work that `close` awaits. */
  readonly background: Set<Promise<void>> = new Set();
  /** Undefined if the document has no snapshot. */
  snapshot: Snapshot | undefined;
  /** Whether `ready()` has succeeded. */
  wasReady = false;
  readonly #heartbeat: Heartbeat;
  #started: Started | undefined;
  #starting: Promise<Started> | undefined;
  readonly #whenStarted: Set<() => void> = new Set();

  constructor(options: ClientOptions) {
    this.options = options;
    this.report = createEvents();
    this.scheduler = new Scheduler(options.clock, options.random, (error) =>
      this.report.emit({ type: "listener-failed", event: "task", ...failureOf(error) }),
    );
    this.deliveries = new Deliveries(this.report.emit);
    this.undeclared = new UndeclaredViews(this);
    this.credentials = new CredentialViews(this);
    this.#heartbeat = new Heartbeat(this.scheduler, { onWake: () => this.#wake(), onStep: () => this.#rearm() });
  }

  get started(): Started | undefined {
    return this.#started;
  }

  get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Reads the config document and creates the declared views; once, unless it fails. @throws {SecretError} INVALID_CONFIG, CLOSED */
  async start(): Promise<Started> {
    if (this.isClosed) throw closed();
    if (this.#started !== undefined) return this.#started;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    // Loading an adapter may never end.
    return await untilAborted(this.#starting, this.closing.signal);
  }

  /** Calls back when the declared views exist, before any of them loads. */
  whenStarted(callback: () => void): () => void {
    if (this.#started !== undefined) {
      callback();
      return () => undefined;
    }
    this.#whenStarted.add(callback);
    return () => void this.#whenStarted.delete(callback);
  }

  /** Creates a view, whose source is shared with all other views of the name. @throws {SecretError} CLOSED before `start` or after `close`; errors of the router */
  makeView<T>(
    reference: Reference,
    codec: Codec<T>,
    policy: ViewPolicy<T>,
    context: ViewContext | undefined = this.#started?.context,
  ): View<T> {
    if (this.#started === undefined || context === undefined) throw closed(reference.text);
    const routed = this.#started.router.route(reference.name);
    const source: PayloadSource =
      reference.stage === "previous" ? new PreviousSource(reference.name, routed.source, context) : routed.source;
    const found = [routed.select, reference.selector].filter((selector) => selector !== undefined);
    const selectors = found.length === 0 ? noSelectors : found;
    return new View(reference, codec, policy, { source, selectors }, context);
  }

  /** Yields all views: declared, undeclared, and those of the credentials of providers. */
  *allViews(): Iterable<View<unknown>> {
    yield* this.views.values();
    yield* this.undeclared.all();
    yield* this.credentials.all();
  }

  /** Returns a function that reads the config document and returns the view of an alias. @throws {SecretError} INVALID_NAME for an undeclared alias */
  declaredView(alias: string): () => Promise<View<unknown>> {
    const { declarations } = this.options;
    if (!declarations.has(alias)) throw unknownAlias(alias, declarations);
    return async () => {
      await this.start();
      return this.views.get(alias) as View<unknown>;
    };
  }

  /** Awaits work, and keeps the process alive meanwhile. */
  async whileHeld<V>(work: Promise<V>): Promise<V> {
    const release = this.scheduler.hold();
    try {
      return await work;
    } finally {
      release();
    }
  }

  /** Keeps a view and refreshes its source until the returned function is called. */
  pin(view: View<unknown>): () => void {
    view.pins += 1;
    view.startRefresh();
    let pinned = true;
    return () => {
      if (!pinned) return;
      pinned = false;
      view.unpin();
    };
  }

  /** Waits until all derived resources with a value are open. @throws {SecretError} NOT_READY with all problems */
  async derivedReady(): Promise<void> {
    const opened = await Promise.allSettled([...this.handles].map((handle) => handle.opened?.()));
    const problems = opened.flatMap((one) => (one.status === "rejected" ? [one.reason as SecretError] : []));
    if (problems.length > 0)
      throw new SecretError("NOT_READY", "derived resources could not be opened", { errors: problems });
  }

  /** Adds work that `close` awaits. */
  track(work: Promise<void>): void {
    this.background.add(work);
    void work.finally(() => this.background.delete(work));
  }

  async #start(): Promise<Started> {
    // Only this call loads the config reader and its schema library.
    const reader = await import("../config/index.ts");
    const { options, scheduler, report } = this;
    const env = process.env;
    const readOptions: OptionReader = (adapter, provider) => reader.readOptions(adapter, provider, env);
    const config = await reader.loadConfig(options.config, {
      env,
      adapterNames: Object.keys(options.adapters),
      checkOptions: (provider) => optionProblems(provider, options.adapters, readOptions),
    });
    const secret = (reference: string): Promise<Uint8Array> => this.credentials.read(reference);
    const dependencies: ProviderDependencies = {
      scheduler,
      redactor: options.redactor,
      emit: report.emit,
      credential: (source) => reader.readCredential(source, { env, secret }),
      hintCredential: (reference) => this.credentials.hint(reference),
      closed: this.closing.signal,
    };
    const pool = await createProviderPool(config.providers, options.adapters, readOptions, dependencies);
    if (pool.problems.length > 0) throw unfit(config.source, pool.problems);
    const { snapshot } = config;
    if (snapshot !== undefined) {
      const { openSnapshot } = await import("../snapshot/open-snapshot.ts");
      this.snapshot = await openSnapshot({
        config: { ...config, snapshot },
        providers: pool.providers,
        keys: options.keys,
        dependencies,
        readOptions: (ring) => reader.readKeys(ring, snapshot, env),
        views: () => this.allViews(),
      });
    }
    return this.startWith(config, pool.providers);
  }

  /** Starts with existing providers. @throws {SecretError} INVALID_CONFIG with all problems of the routes */
  startWith(config: ParsedConfig, providers: ReadonlyMap<string, ConfiguredProvider>): Started {
    const { scheduler, report } = this;
    const { maxStaleMs, ttlMs } = config.cache;
    const { deliveries } = this;
    const sources = new SourceCache(scheduler, report.emit, deliveries, ttlMs, (work) => this.track(work));
    const router = new Router(config, providers, sources, { scheduler, emit: report.emit, deliveries, maxStaleMs });
    const problems = checkRoutes(router, config, this.options.declarations);
    if (problems.length > 0) throw unfit(config.source, problems);
    return this.#begin({ config, providers, router, sources, context: this.#viewContext(config) });
  }

  #begin(started: Started): Started {
    if (this.isClosed) throw closed();
    this.#started = started;
    for (const declaration of this.options.declarations.values()) this.#declare(declaration);
    for (const callback of [...this.#whenStarted]) callback();
    this.#whenStarted.clear();
    this.#heartbeat.start();
    return started;
  }

  #declare({ alias, reference, codec, policy, overlapMs, rotateEveryMs }: ResolvedDeclaration): void {
    const view = this.makeView(reference, codec, policy);
    this.views.set(alias, view);
    if (overlapMs > 0) this.previous.set(alias, this.#previous(view, overlapMs));
    if (rotateEveryMs !== undefined)
      this.ages.set(alias, new RotationAge(view, rotateEveryMs, this.scheduler, this.report.emit));
  }

  #previous(view: View<unknown>, overlapMs: number): Previous<unknown> {
    const { name, selector } = view.reference;
    const stored = parseReference(`${name}@previous${selector === undefined ? "" : `#${formatSelector(selector)}`}`);
    // The previous version is optional, since most stores have none for most secrets.
    const policy = { declared: false, optional: true, onDelete: "clear", mask: view.policy.mask } as const;
    const context = { ...view.context, emit: withoutUnsupported(this.report.emit) };
    return new Previous(view, this.makeView(stored, view.codec, policy, context), overlapMs);
  }

  #viewContext(config: ParsedConfig): ViewContext {
    const { redactor, audit } = this.options;
    const { emit } = this.report;
    const base = {
      scheduler: this.scheduler,
      emit,
      deliveries: this.deliveries,
      redactor,
      bans: new Bans(),
      maxStaleMs: config.cache.maxStaleMs,
      onDenied: config.onDenied,
      isUnconfigured: config.source === defaultSource,
      waitsForRefused: this.options.waitsForRefused ?? true,
      closed: this.closing.signal,
      snapshot: this.snapshot,
    };
    if (audit.reveals !== true) return base;
    return {
      ...base,
      everyReveal: (secret) => emit({ type: "reveal", reference: secret.reference, version: secret.meta.version }),
    };
  }

  #wake(): void {
    for (const view of this.allViews()) view.source.wake();
    this.#rearm();
  }

  #rearm(): void {
    for (const view of this.allViews()) view.arm();
  }
}

/** Drops UNSUPPORTED errors: a store without previous versions is not a failure. */
function withoutUnsupported(emit: Emit): Emit {
  return (event) => {
    if (event.type !== "error" || event.code !== "UNSUPPORTED") emit(event);
  };
}

/** Returns the error of a config document that is valid, but cannot be used. */
function unfit(source: string, problems: readonly SecretError[]): SecretError {
  const reason = problems.length === 1 ? problems[0]?.reason : "invalid";
  return reportProblems({ code: "INVALID_CONFIG", headline: `${source} cannot be used`, problems }, { reason });
}
