import { Logger } from "@nestjs/common";
import type { DiscoveryService } from "@nestjs/core";
import { isSecretError, type Secret, type SecretChange, SecretError } from "@tacit/core";
import { type FoundListener, findListeners } from "./found-listeners.ts";
import { getHostToken } from "./injection-tokens.ts";
import type { AnySecrets, AnyWatch } from "./tacit-options.ts";

/** What a host is made of. */
export interface SecretsHostOptions {
  readonly secrets: AnySecrets;
  /** Whether the client ends with the application. */
  readonly isOwn: boolean;
  readonly name: string | undefined;
  readonly discovery: DiscoveryService;
}

/** Keeps the watches and listeners of one client while an application lives; NestJS calls its hooks. */
export class SecretsHost {
  readonly #options: SecretsHostOptions;
  readonly #logger: Logger = new Logger("Tacit");
  /** alias -> what was served before anything could be injected; until the listeners are there */
  readonly #before: Map<string, Secret<unknown> | undefined> = new Map();
  readonly #watches: Set<AnyWatch> = new Set();
  readonly #unsubscribe: Set<() => void> = new Set();

  constructor(options: SecretsHostOptions) {
    this.#options = options;
    for (const { alias } of options.secrets.health().secrets) {
      if (alias !== undefined) this.#before.set(alias, this.#latest(alias));
    }
  }

  /** A watch that ends with the application. @throws {SecretError} INVALID_NAME for an alias that is not declared */
  watch(alias: string, where: string): AnyWatch {
    try {
      const watch = this.#options.secrets.watch(alias);
      this.#watches.add(watch);
      return watch;
    } catch (error) {
      // A client does not repeat what it was asked for; here it stands in the source.
      if (!isSecretError(error, "INVALID_NAME")) throw error;
      throw new SecretError("INVALID_NAME", `${where}: ${error.message}`, { reference: alias, cause: error });
    }
  }

  /** Every provider is there, and has had its `onModuleInit`. */
  onApplicationBootstrap(): void {
    const { discovery, name } = this.#options;
    const hosts = discovery.getProviders().filter(({ isAlias }) => !isAlias);
    const named = (client: string | undefined) => hosts.filter(({ token }) => token === getHostToken(client)).length;
    if (named(name) > 1) throw twoClients(name);
    for (const listener of findListeners(discovery)) {
      if (named(listener.mark.client) === 0) throw noClient(listener);
      if (listener.mark.client === name) this.#subscribe(listener);
    }
    this.#before.clear();
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe.clear();
  }

  /** The last hook: servers have answered what was in flight, and the modules that use secrets have ended. */
  async onApplicationShutdown(): Promise<void> {
    this.onModuleDestroy();
    await Promise.all([...this.#watches].map((watch) => watch.close()));
    this.#watches.clear();
    if (this.#options.isOwn) await this.#options.secrets.close();
  }

  #subscribe({ mark: { alias, initial = false }, title, call }: FoundListener): void {
    if (call === undefined) {
      this.#logger.warn(
        `${title} is never called: there is no single instance of its class. Use a provider of default scope.`,
      );
      return;
    }
    const listener = (change: SecretChange<unknown>): Promise<void> => this.#tell(title, call, change);
    const missed = initial ? undefined : this.#missed(alias);
    // The first word on it goes before every later one; its failure has been logged.
    const caughtUp = missed === undefined ? undefined : listener(missed).catch(() => undefined);
    const onChange = async (change: SecretChange<unknown>): Promise<void> => {
      await caughtUp;
      await listener(change);
    };
    this.#unsubscribe.add(
      this.watch(alias, `@OnSecretChange("${alias}") of ${title}`).on("change", onChange, { initial }),
    );
  }

  async #tell(title: string, call: (change: unknown) => unknown, change: SecretChange<unknown>): Promise<void> {
    try {
      await call(change);
    } catch (error) {
      // What it threw may quote a value. Of a cause, a SecretError keeps the name and the frames alone.
      const { cause } = new SecretError("INTERNAL", `${title} failed`, { cause: error });
      this.#logger.error(`${title} failed at a change of a secret`, (cause as Error | undefined)?.stack);
      throw error;
    }
  }

  /** A rotation between the first injection and now: who read the value then must hear of it. */
  #missed(alias: string): SecretChange<unknown> | undefined {
    const previous = this.#before.get(alias);
    const current = this.#latest(alias);
    if (previous === undefined || current === undefined || current.equals(previous)) return undefined;
    return { current, previous, reason: "rotated" };
  }

  #latest(alias: string): Secret<unknown> | undefined {
    try {
      return this.#options.secrets.latest(alias);
    } catch {
      // Nothing may be served now; a change is told once that ends.
      return undefined;
    }
  }
}

function twoClients(name: string | undefined): SecretError {
  const which = name === undefined ? "without a name" : `named "${name}"`;
  return new SecretError("INVALID_CONFIG", `the application has two Tacit clients ${which}`, {
    reason: "module-setup",
    tip: "Call TacitModule.forRoot once for each client, and give each additional one a `name`.",
  });
}

function noClient({ title, mark: { alias, client } }: FoundListener): SecretError {
  const which = client === undefined ? "without a name" : `named "${client}"`;
  return new SecretError("INVALID_CONFIG", `${title} listens to a Tacit client ${which}, but there is none`, {
    reason: "module-setup",
    reference: alias,
    tip: "The `client` of @OnSecretChange must be the `name` that was passed to TacitModule.forRoot.",
  });
}
