export { InjectSecret, InjectSecrets } from "./inject-secret.ts";
export { getSecretsToken, getSecretToken } from "./injection-tokens.ts";
export { OnSecretChange, type OnSecretChangeOptions } from "./on-secret-change.ts";
export { type AliasOf, type ChangeOf, createTacitDecorators, type TacitDecorators } from "./tacit-decorators.ts";
export { TacitHealthIndicator, type TacitHealthOptions, type TacitHealthResult } from "./tacit-health-indicator.ts";
export { createTacitLogger } from "./tacit-logger.ts";
export { TacitModule } from "./tacit-module.ts";
export type {
  AnySecrets,
  GivenSecrets,
  TacitAsyncOptions,
  TacitClientOptions,
  TacitModuleOptions,
  TacitOptionsFactory,
} from "./tacit-options.ts";
