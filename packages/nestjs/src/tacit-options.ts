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

/** The part of a client that the module needs, for any declarations. */
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

/** An existing client, for example if the server's certificate is needed before NestJS. Its creator closes it. */
export interface GivenSecrets {
  readonly secrets: AnySecrets;
  /** The declarations that it was created with; their aliases can then be injected. */
  readonly declare?: Declared | undefined;
}

/** The source of a client: the options of `createSecrets`, or the client itself. */
export type TacitClientOptions = SecretsOptions | GivenSecrets;

/** The settings of one client. */
export interface TacitModuleOptions {
  /** Distinguishes several clients of one application; default: the one without a name. */
  readonly name?: string;
  /** Whether every module may inject the secrets, instead of those that import this or `forFeature`; default: no. */
  readonly isGlobal?: boolean;
  /** The options of `ready()` at the start. */
  readonly ready?: ReadyOptions;
  /**
   * The least important level of events that NestJS's logger gets, under the context `Tacit`, or false. Default `warn`; for an
   * existing client, whose creator may log it, false.
   */
  readonly log?: SecretEventLevel | false;
}

/** The interface of the classes of `useClass` and `useExisting`. */
export interface TacitOptionsFactory {
  /** Called once, before the client is made. */
  createTacitOptions(): TacitClientOptions | Promise<TacitClientOptions>;
}

/** The options of `forRootAsync`: one of the three `use...`, and its dependencies. */
export interface TacitAsyncOptions extends TacitModuleOptions, Pick<ModuleMetadata, "imports"> {
  /** Known before anything is made, so that its aliases can be injected; the client declares it unless the options say otherwise. */
  readonly declare?: Declared | undefined;
  /** Returns the options, or a promise of them. */
  readonly useFactory?: FactoryProvider<TacitClientOptions>["useFactory"];
  /** The parameters of `useFactory`. */
  readonly inject?: FactoryProvider["inject"];
  /** Created within the module. */
  readonly useClass?: Type<TacitOptionsFactory>;
  /** A provider of one of the `imports`. */
  readonly useExisting?: InjectionToken<TacitOptionsFactory>;
}
