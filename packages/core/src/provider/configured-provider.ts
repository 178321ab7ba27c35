import type {
  Adapter,
  CallContext,
  Finding,
  Provider,
  ProviderResult,
  ReadRequest,
  Subscription,
  Supports,
} from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import { failureOf } from "../events/events.ts";
import { onRejection } from "../events/on-rejection.ts";
import { Waves } from "../time/waves.ts";
import { Attempts, toSecretError } from "./attempt.ts";
import { Availability } from "./availability.ts";
import { Batch, type OnAsked } from "./batch.ts";
import { checkedPath, checkedSubscription, toOpenedProvider, waveSize } from "./opened-provider.ts";
import type { ProviderConfig } from "./provider-config.ts";
import { providerFindings } from "./provider-findings.ts";
import type { ProviderHealth } from "./provider-health.ts";
import { createProviderHost, type HostRecord, type ProviderDependencies } from "./provider-host.ts";

/** The options of one read of a path. */
export interface ReadOptions {
  /** Whether a local hint reported a change. */
  readonly urgent: boolean;
  /** Whether no other path may be read in the same call. */
  readonly alone: boolean;
}

/** The maximum length of a place in messages, since an adapter may list many variables. */
const longestPlace = 1_000;

/** An adapter with its validated options. Opens the provider on first use, and calls it while its store is available. */
export class ConfiguredProvider {
  readonly config: ProviderConfig;
  readonly #adapter: Adapter;
  /** The validated options; credentials are sources. */
  readonly options: unknown;
  readonly #dependencies: ProviderDependencies;
  readonly #host: HostRecord;
  readonly availability: Availability;
  /** The times at which its secrets are read. */
  readonly waves: Waves;
  readonly #attempts: Attempts;
  /** The attempts that may run while the client closes. */
  readonly #lastAttempts: Attempts;
  #provider: Provider | undefined;
  /** Undefined if one call reads only one path. */
  #batch: Batch | undefined;
  #opening: Promise<Provider> | undefined;
  #problem: SecretError | undefined;
  #failures = 0;
  #lastSuccessAt: number | undefined;
  readonly #subscriptions: Set<Subscription> = new Set();
  #pushFailed: string | undefined;

  constructor(config: ProviderConfig, adapter: Adapter, options: unknown, dependencies: ProviderDependencies) {
    this.config = config;
    this.#adapter = adapter;
    this.options = options;
    this.#dependencies = dependencies;
    this.#host = createProviderHost(config, dependencies);
    const { scheduler, closed, redactor } = dependencies;
    const redact = (text: string): string => redactor.redact(text);
    this.#attempts = new Attempts({ provider: config.name, scheduler, closed, redact });
    const { signal: never } = new AbortController();
    this.#lastAttempts = new Attempts({ provider: config.name, scheduler, closed: never, redact });
    this.availability = new Availability(scheduler, config.name, (error) => this.#onAvailability(error));
    this.waves = new Waves(scheduler, () => waveSize(this.supports));
  }

  get name(): string {
    return this.config.name;
  }

  /** The open provider; undefined before it is opened. */
  get opened(): Provider | undefined {
    return this.#provider;
  }

  /** The capabilities of the open provider; undefined before it is opened. */
  get supports(): Supports | undefined {
    return this.#provider?.supports;
  }

  get pollMs(): number {
    return this.config.pollMs ?? this.supports?.defaultPollMs ?? 300_000;
  }

  /** Returns the path of a name. Pure. @throws {SecretError} INVALID_NAME for a name that is invalid in the store */
  toPath(name: string): string {
    try {
      if (this.#adapter.toPath !== undefined)
        return checkedPath(this.#adapter.toPath(name, this.options), this.config.use);
    } catch (error) {
      throw this.toSecretError(error);
    }
    const { prefix } = this.options as { readonly prefix?: unknown };
    return typeof prefix === "string" && prefix !== "" ? `${prefix.replace(/\/+$/, "")}/${name}` : name;
  }

  /** Describes the place of a path in the store, for messages. */
  placeOf(path: string, fields: readonly string[] | undefined): string {
    try {
      const place: unknown = this.#provider?.place?.(path, fields);
      if (typeof place === "string" && place.length <= longestPlace) return this.#dependencies.redactor.redact(place);
    } catch {
      // The path is sufficient.
    }
    return `"${path}"`;
  }

  /** Converts an error of the adapter to one that is safe to show. */
  toSecretError(error: unknown): SecretError {
    return toSecretError(error, this.name, (text) => this.#dependencies.redactor.redact(text));
  }

  /** Opens the provider once; a failed opening may be retried. @throws {SecretError} the error of the adapter; UNAVAILABLE/timeout, CLOSED */
  async open(): Promise<Provider> {
    if (this.#provider !== undefined) return this.#provider;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return await this.#opening;
  }

  /**
   * Reads one path while the store is available: with other reads of the same turn if one call reads many, and alone while the
   * store is being probed or if calls with this path have failed.
   * @param onAsked called when the call is made
   * @throws {SecretError}
   */
  async read(request: ReadRequest, onAsked: OnAsked, { urgent, alone }: ReadOptions): Promise<ProviderResult> {
    const provider = await this.open();
    const ask = (opened: Provider, context: CallContext): Promise<ProviderResult> => {
      const answering = opened.get(request, context);
      onAsked(answering);
      return answering;
    };
    const { path } = request;
    const batch = this.#batch;
    if (batch === undefined || alone || batch.isSuspect(path)) {
      const result = await this.call(path, ask, urgent);
      batch?.clear(path);
      return result;
    }
    const attempt = (): Promise<ProviderResult> => this.#attempt((context) => ask(provider, context));
    const probed = await this.availability.probe(path, attempt, urgent);
    if (probed === undefined) return await batch.read(request, onAsked);
    this.#onSuccess();
    return probed.result;
  }

  /**
   * Makes one call for a path while the store is available, with a deadline.
   * @param urgent whether the call follows a local hint
   * @throws {SecretError}
   */
  async call<T>(
    path: string,
    use: (provider: Provider, context: CallContext) => Promise<T>,
    urgent: boolean,
  ): Promise<T> {
    const provider = await this.open();
    const attempt = (): Promise<T> => this.#attempt((context) => use(provider, context));
    const result = await this.availability.run(path, attempt, urgent);
    this.#onSuccess();
    return result;
  }

  /** Makes one call with a deadline, outside of the slots and regardless of availability. @throws {SecretError} */
  async attempt<T>(use: (context: CallContext) => Promise<T>): Promise<T> {
    return await this.#run(this.#attempts, use);
  }

  /** Makes one call like `attempt`, even while the client closes, until `abandon`. @throws {SecretError} */
  async lastAttempt<T>(use: (context: CallContext) => Promise<T>): Promise<T> {
    return await this.#run(this.#lastAttempts, use);
  }

  /** Ends the last attempts at the deadline of closing. */
  abandon(): void {
    this.#lastAttempts.end();
  }

  /** Returns whether a read of the path creates a credential; false before the provider is open. A lease in a result also shows it. */
  isDynamic(path: string): boolean {
    try {
      const answer: unknown = this.#provider?.isDynamic?.(path);
      onRejection(answer, () => undefined);
      return answer === true;
    } catch {
      this.reportFault("isDynamic");
      return false;
    }
  }

  /** Subscribes outside of the slots, since the connection stays open. Returns undefined if the provider has no subscriptions. @throws {SecretError} */
  async subscribe(path: string, hint: () => void): Promise<Subscription | undefined> {
    const provider = await this.open();
    if (provider.supports.subscribe === false || provider.subscribe === undefined) return undefined;
    let subscribing: Promise<Subscription> | undefined;
    try {
      const inner = await this.#attempt(async (context) => {
        subscribing = Promise.resolve(
          provider.subscribe?.([path], this.#guarded(hint), context) as Promise<Subscription>,
        );
        return checkedSubscription(await subscribing, this.config.use);
      });
      this.#subscriptions.add(inner);
      this.#pushFailed = undefined;
      return {
        [Symbol.asyncDispose]: async () => {
          this.#subscriptions.delete(inner);
          await this.#end("dispose", async () => await inner[Symbol.asyncDispose]());
        },
      };
    } catch (error) {
      void subscribing?.then((late) => late?.[Symbol.asyncDispose]?.()).catch(() => undefined);
      const { code } = error as SecretError;
      if (this.#pushFailed === undefined) {
        this.#dependencies.emit({ type: "provider-degraded", provider: this.name, code: "push-lost" });
      }
      this.#pushFailed = code;
      throw error;
    }
  }

  /** Returns the state of the provider, without I/O. */
  health(): ProviderHealth {
    const changes = this.#changes();
    const warnings = [...this.#host.warnings];
    return {
      name: this.name,
      use: this.config.use,
      state: this.#state(),
      changes,
      degraded: (changes === "poll" && this.#couldPush()) || warnings.some(([, { degrades }]) => degrades),
      ...(this.#lastSuccessAt === undefined ? {} : { lastSuccessAt: new Date(this.#lastSuccessAt) }),
      failures: this.#failures,
      ...(this.#problem === undefined ? {} : { code: this.#problem.code }),
      warnings: warnings.map(([code]) => code),
    };
  }

  /** Returns the findings of the adapter, its warnings, and a finding for a failed call. */
  async diagnose(): Promise<readonly Finding[]> {
    const failures: SecretError[] = [];
    const ask = async (question: (provider: Provider, context: CallContext) => Promise<readonly Finding[]>) => {
      try {
        const provider = await this.open();
        const found = await this.#attempt((context) => question(provider, context));
        return found.map((finding) => this.#redacted(finding));
      } catch (error) {
        failures.push(this.toSecretError(error));
        return [];
      }
    };
    await ask(async (provider, context) => {
      await provider.check?.(context);
      return [];
    });
    const found = await ask(async (provider, context) => (await provider.diagnose?.(context)) ?? []);
    return providerFindings({
      provider: this.name,
      optional: this.config.optional,
      found,
      failures,
      warnings: this.#host.warnings,
    });
  }

  #redacted({ level, code, message, tip, reference, unanimous }: Finding): Finding {
    const { redactor } = this.#dependencies;
    return {
      level,
      code,
      message: redactor.redact(message),
      provider: this.name,
      ...(tip === undefined ? {} : { tip: redactor.redact(tip) }),
      ...(reference === undefined ? {} : { reference }),
      ...(unanimous === true ? { unanimous } : {}),
    };
  }

  /** Closes the provider. Never rejects; ends at the deadline of a call, or with `abandon`. */
  async close(): Promise<void> {
    this.#host.dispose();
    const provider = (await this.#opening?.catch(() => undefined)) ?? this.#provider;
    await this.#end("close", async () => await provider?.close?.());
  }

  #state(): ProviderHealth["state"] {
    if (this.#provider === undefined) return this.#problem === undefined ? "unopened" : "failed";
    return this.availability.isAvailable ? "open" : "unavailable";
  }

  /** Returns whether the provider supports push, and a subscription is active or has failed. */
  #couldPush(): boolean {
    const pushes = this.supports?.subscribe !== undefined && this.supports.subscribe !== false;
    return pushes && (this.#subscriptions.size > 0 || this.#pushFailed !== undefined);
  }

  #changes(): "push" | "poll" | "frozen" {
    const { supports } = this;
    if (supports?.frozen === true) return "frozen";
    if (supports === undefined || supports.subscribe === false || this.#pushFailed !== undefined) return "poll";
    for (const subscription of this.#subscriptions) if (this.#polls(subscription)) return "poll";
    return this.#subscriptions.size > 0 ? "push" : "poll";
  }

  #polls(subscription: Subscription): boolean {
    try {
      return subscription.state?.mode === "poll";
    } catch {
      this.reportFault("state");
      return false;
    }
  }

  async #open(): Promise<Provider> {
    const opening = (async () => this.#adapter.open(this.options, this.#host.host))();
    try {
      const provider = await this.#attempt(async () => toOpenedProvider(await opening, this.config.use));
      this.#problem = undefined;
      const { batch } = provider.supports;
      this.#batch = batch === undefined ? undefined : new Batch(this, batch);
      this.#provider = provider;
      return provider;
    } catch (error) {
      // A provider that opens after the deadline, or after the end of the client, must be closed.
      void opening.then((late) => late?.close?.()).catch(() => undefined);
      this.#problem = error as SecretError;
      if (this.config.optional) {
        this.#dependencies.emit({ type: "provider-degraded", provider: this.name, code: this.#problem.code });
      }
      throw error;
    }
  }

  async #attempt<T>(call: (context: CallContext) => Promise<T>): Promise<T> {
    try {
      return await this.#run(this.#attempts, call);
    } catch (error) {
      this.#failures += 1;
      throw error;
    }
  }

  /** Makes a call. If its login is refused, hints at the secrets used as credentials, which may have been rotated. */
  async #run<T>(attempts: Attempts, call: (context: CallContext) => Promise<T>): Promise<T> {
    try {
      return await attempts.run(call);
    } catch (error) {
      if ((error as SecretError).code === "UNAUTHENTICATED")
        for (const reference of this.#host.usedSecrets) this.#dependencies.hintCredential(reference);
      throw error;
    }
  }

  #onSuccess(): void {
    this.#failures = 0;
    this.#lastSuccessAt = this.#dependencies.scheduler.clock.now();
  }

  #onAvailability(error: SecretError | undefined): void {
    this.#problem = error;
    const { emit } = this.#dependencies;
    if (error === undefined) emit({ type: "provider-recovered", provider: this.name });
    else emit({ type: "provider-degraded", provider: this.name, code: error.code });
  }

  /** Wraps a callback for the adapter so that it never throws. */
  #guarded(hint: () => void): () => void {
    return () => {
      try {
        hint();
      } catch (error) {
        this.#dependencies.emit({ type: "listener-failed", event: "hint", ...failureOf(error) });
      }
    };
  }

  /** Closes something of the adapter. A failure is reported and has no other effect. */
  async #end(member: string, end: () => Promise<unknown>): Promise<void> {
    try {
      await this.#lastAttempts.run(end);
    } catch (error) {
      if ((error as SecretError).code !== "CLOSED") this.reportFault(member);
    }
  }

  /** Reports a fault of the adapter to the operator. */
  reportFault(member: string): void {
    this.#host.host.warn("adapter-fault", `the adapter failed in its \`${member}\`; report it to its author`);
  }
}
