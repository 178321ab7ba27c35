import type { FactoryProvider, InjectionToken, ModuleMetadata, Type } from "@nestjs/common";
import type {
  Declared,
  Health,
  ReadyOptions,
  Secret,
  SecretChange,
  SecretEventLevel,
  SecretEvents,
  SecretsOptions,
} from "@tacit/core";

/** The part of a client that the module needs, whatever is declared. */
export interface AnySecrets {
  /** As of the client. */
  ready(options?: ReadyOptions): Promise<void>;
  /** As of the client. */
  latest(alias: string): Secret<unknown> | undefined;
  /** As of the client. */
  watch(alias: string): AnyWatch;
  /** As of the client. */
  health(): Health;
  /** As of the client; heard where `log` is set. */
  readonly events?: Pick<SecretEvents, "onAny">;
  /** As of the client; the module calls it only for a client that it made. */
  close(): Promise<void>;
}

/** The part of a watch that the module needs. */
export interface AnyWatch {
  /** As of a watch. */
  on(
    event: "change",
    listener: (change: SecretChange<unknown>) => unknown,
    options?: { readonly initial?: boolean },
  ): () => void;
  /** As of a watch. */
  close(): Promise<void>;
}

/** A client that exists already, for example because the server's certificate was needed before NestJS. Its maker closes it. */
export interface GivenSecrets {
  readonly secrets: AnySecrets;
  /** What it was created with; its aliases can then be injected. */
  readonly declare?: Declared | undefined;
}

/** What a client is made of: the options of `createSecrets`, or the client itself. */
export type TacitClientOptions = SecretsOptions | GivenSecrets;

/** What is decided once per client. */
export interface TacitModuleOptions {
  /** Tells several clients of one application apart; default: the one without a name. */
  readonly name?: string;
  /** Whether every module may inject the secrets, instead of those that import this or `forFeature`; default: no. */
  readonly isGlobal?: boolean;
  /** How the start waits; default: as `ready()` does. */
  readonly ready?: ReadyOptions;
  /**
   * The least important level at which NestJS's logger tells of the secrets, under the context `Tacit`, or false. Default `warn`;
   * for a client that exists already, whose maker may log it, false.
   */
  readonly log?: SecretEventLevel | false;
}

/** What `useClass` and `useExisting` name. */
export interface TacitOptionsFactory {
  /** Called once, before the client is made. */
  createTacitOptions(): TacitClientOptions | Promise<TacitClientOptions>;
}

/** What `forRootAsync` takes: one of the three `use...`, and what it needs. */
export interface TacitAsyncOptions extends TacitModuleOptions, Pick<ModuleMetadata, "imports"> {
  /** Known before anything is made, so that its aliases can be injected; the client declares it unless the options say otherwise. */
  readonly declare?: Declared | undefined;
  /** Gives the options, or a promise of them. */
  readonly useFactory?: FactoryProvider<TacitClientOptions>["useFactory"];
  /** The parameters of `useFactory`. */
  readonly inject?: FactoryProvider["inject"];
  /** Created within the module. */
  readonly useClass?: Type<TacitOptionsFactory>;
  /** A provider of one of the `imports`. */
  readonly useExisting?: InjectionToken<TacitOptionsFactory>;
}
