import { type DynamicModule, type FactoryProvider, Module } from "@nestjs/common";
import { type Declared, SecretError } from "@tacit/core";
import { checkArgument, checkOptions, optionRules } from "@tacit/core/provider";
import { getHostToken, getSecretToken } from "./injection-tokens.ts";
import { asyncRules, rootRules } from "./module-rules.ts";
import type { SecretsHost } from "./secrets-host.ts";
import { type ClientSource, tacitCoreModule } from "./tacit-core-module.ts";
import type { AliasOf } from "./tacit-decorators.ts";
import type {
  TacitAsyncOptions,
  TacitClientOptions,
  TacitModuleOptions,
  TacitOptionsFactory,
} from "./tacit-options.ts";

/**
 * Adds a client to an application: it is created, awaited, injected, and closed when the application has shut down. The client
 * itself can be injected everywhere; the secrets one by one where this module is imported, or everywhere with `isGlobal`.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: NestJS knows a module by its class.
export class TacitModule {
  /** Set explicitly, because a bundler may change the name of the class, which NestJS logs. */
  static readonly name: string = "TacitModule";

  /** Creates the client with the given options. The start fails with the error of `ready()`. */
  static forRoot(options: TacitModuleOptions & TacitClientOptions): DynamicModule {
    checkOptions("TacitModule.forRoot", options ?? null, rootRules);
    const { name, isGlobal, ready, log, ...client } = options;
    return root(options, { declare: options.declare, options: () => client });
  }

  /**
   * Creates the client with options from other providers.
   * @throws {SecretError} INVALID_CONFIG unless there is one of `useFactory`, `useClass` and `useExisting`
   */
  static forRootAsync(options: TacitAsyncOptions): DynamicModule {
    checkOptions("TacitModule.forRootAsync", options ?? null, asyncRules);
    return root(options, toSource(options));
  }

  /** Makes some secrets of a client of `forRoot` injectable in one module. The start fails for unknown aliases. */
  static forFeature<D extends Declared = Declared>(aliases: readonly AliasOf<D>[], client?: string): DynamicModule {
    checkArgument("TacitModule.forFeature", "aliases", aliases, areNames);
    checkArgument("TacitModule.forFeature", "client", client ?? "", optionRules.text);
    return withWatches({ module: TacitModule }, aliases, client);
  }
}
Module({})(TacitModule);

function areNames(value: unknown): string | undefined {
  const areTexts = Array.isArray(value) && value.every((name) => typeof name === "string");
  return areTexts ? undefined : "must be a list of aliases";
}

function root(options: TacitModuleOptions, source: ClientSource): DynamicModule {
  const { name, isGlobal = false } = options;
  const core = tacitCoreModule(options, source);
  const aliases = Object.keys(source.declare?.declarations ?? {});
  return withWatches({ module: TacitModule, global: isGlobal, imports: [core] }, aliases, name);
}

function withWatches(module: DynamicModule, aliases: readonly string[], client: string | undefined): DynamicModule {
  const watches = [...new Set(aliases)].map(
    (alias): FactoryProvider => ({
      provide: getSecretToken(alias, client),
      inject: [getHostToken(client)],
      useFactory: (host: SecretsHost) => host.watch(alias, `TacitModule, secret "${alias}"`),
    }),
  );
  return { ...module, providers: watches, exports: watches };
}

function toSource(options: TacitAsyncOptions): ClientSource {
  const { declare, imports = [], inject = [], useFactory, useClass, useExisting } = options;
  const ways = [useFactory, useClass, useExisting].filter((way) => way !== undefined);
  if (ways.length !== 1) throw notOneWay();
  if (useFactory !== undefined) {
    return { declare, imports, inject, options: async (...injected) => await useFactory(...injected) };
  }
  return {
    declare,
    imports,
    inject: [useClass ?? useExisting ?? ""],
    providers: useClass === undefined ? [] : [useClass],
    options: async (factory) => await (factory as TacitOptionsFactory).createTacitOptions(),
  };
}

function notOneWay(): SecretError {
  return new SecretError(
    "INVALID_CONFIG",
    "TacitModule.forRootAsync needs one of `useFactory`, `useClass`, `useExisting`",
    {
      reason: "module-setup",
      tip: "Pass the one that provides the options of the client.",
    },
  );
}
