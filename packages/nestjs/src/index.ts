export { InjectSecret, InjectSecrets } from "./inject-secret.ts";
export { getSecretsToken, getSecretToken } from "./injection-tokens.ts";
export { type MethodDecoratorFor, OnSecretChange, type OnSecretChangeOptions } from "./on-secret-change.ts";
export {
  type AliasOf,
  type ChangeDecorator,
  type ChangeOf,
  createTacitDecorators,
  type InjectDecoratorFor,
  type TacitDecorators,
  type WatchDecorator,
} from "./tacit-decorators.ts";
export { TacitHealthIndicator, type TacitHealthOptions, type TacitHealthResult } from "./tacit-health-indicator.ts";
export { createTacitLogger } from "./tacit-logger.ts";
export { TacitModule } from "./tacit-module.ts";
export type {
  AnySecrets,
  AnyWatch,
  GivenSecrets,
  TacitAsyncOptions,
  TacitClientOptions,
  TacitModuleOptions,
  TacitOptionsFactory,
} from "./tacit-options.ts";
