import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Module,
  type ModuleMetadata,
  type Provider,
} from "@nestjs/common";
import { DiscoveryModule, DiscoveryService, ModuleRef } from "@nestjs/core";
import type { Declared } from "@tacit/core";
import { getHostToken, getSecretsToken } from "./injection-tokens.ts";
import { openClient } from "./open-client.ts";
import { SecretsHost } from "./secrets-host.ts";
import { TacitHealthIndicator } from "./tacit-health-indicator.ts";
import type { AnySecrets, TacitClientOptions, TacitModuleOptions } from "./tacit-options.ts";

/** Where the options of a client come from. */
export interface ClientSource {
  readonly declare: Declared | undefined;
  readonly imports?: ModuleMetadata["imports"];
  readonly inject?: FactoryProvider["inject"];
  /** What `inject` needs, and no module of `imports` has. */
  readonly providers?: readonly Provider[];
  readonly options: (...injected: unknown[]) => TacitClientOptions | Promise<TacitClientOptions>;
}

/** Holds one client. Global, so that `forFeature` finds it, and so that NestJS ends it after the modules that use it. */
class TacitCoreModule {}
Global()(TacitCoreModule);
Module({})(TacitCoreModule);

export function tacitCoreModule({ name, ready, log }: TacitModuleOptions, source: ClientSource): DynamicModule {
  // By identity: a test may put a client of its own in the place of ours, and closes that itself.
  const own = new WeakSet<AnySecrets>();
  const client: FactoryProvider<AnySecrets> = {
    provide: getSecretsToken(name),
    inject: [...(source.inject ?? [])],
    // Awaited here, not in `onModuleInit`, which would be too late for the factories that inject it.
    useFactory: async (...injected: unknown[]) => {
      const { secrets, isOwn } = await openClient(await source.options(...injected), {
        declare: source.declare,
        ready,
        log,
      });
      if (isOwn) own.add(secrets);
      return secrets;
    },
  };
  const host: FactoryProvider<SecretsHost> = {
    provide: getHostToken(name),
    inject: [getSecretsToken(name), DiscoveryService],
    useFactory: (secrets: AnySecrets, discovery: DiscoveryService) =>
      new SecretsHost({ secrets, isOwn: own.has(secrets), name, discovery }),
  };
  return {
    module: TacitCoreModule,
    imports: [DiscoveryModule, ...(source.imports ?? [])],
    providers: [...(source.providers ?? []), client, host, health],
    exports: [client, host, health],
  };
}

const health: FactoryProvider<TacitHealthIndicator> = {
  provide: TacitHealthIndicator,
  inject: [ModuleRef],
  useFactory: (moduleRef: ModuleRef) => new TacitHealthIndicator(moduleRef),
};
