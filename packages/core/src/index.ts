export type {
  CloseOptions,
  GetOptions,
  OpenSecrets,
  SecretOfAlias,
  Secrets,
  SecretsOf,
  StrictSecrets,
  WatchedValue,
  WatchOf,
} from "./client/api.ts";
export type { ReadyOptions } from "./client/ready-options.ts";
export type { SecretsOptions } from "./client/secrets.ts";
export { createSecrets } from "./client/secrets.ts";
export type { ConfigSource } from "./config/read-document.ts";
export type { Adapters, AnyAdapter } from "./contract/adapters.ts";
export type { Finding, Lease } from "./contract/contract.ts";
export type { StandardSchemaV1 } from "./contract/standard-schema.ts";
export type {
  AnyDeclaration,
  Declaration,
  Declarations,
  Declared,
  IsOptional,
  ValueOf,
  WrittenDeclarations,
} from "./declare/declaration.ts";
export { declareSecrets } from "./declare/declare.ts";
export { base64 } from "./decode/base64.ts";
export type { BasicAuth } from "./decode/basic-auth.ts";
export { basicAuth } from "./decode/basic-auth.ts";
export type { BytesOptions } from "./decode/bytes.ts";
export { bytes } from "./decode/bytes.ts";
export type { Codec, DecodeContext, Decoded, DecodedValue, Decoder } from "./decode/codec.ts";
export type { DockerCredentials } from "./decode/docker-config.ts";
export { dockerConfig } from "./decode/docker-config.ts";
export { json } from "./decode/json.ts";
export type { ObjectOptions } from "./decode/object.ts";
export { object } from "./decode/object.ts";
export { sshKey } from "./decode/ssh-key.ts";
export type { TextOptions } from "./decode/text.ts";
export { text } from "./decode/text.ts";
export type { TlsPair } from "./decode/tls-pair.ts";
export { tlsPair } from "./decode/tls-pair.ts";
export type { SchemaIssue, SecretErrorCode, SecretErrorOptions } from "./error/secret-error.ts";
export { isSecretError, SecretError } from "./error/secret-error.ts";
export type { ChangeReason } from "./events/change-reason.ts";
export type { SecretEvent, SecretEvents, SecretEventType } from "./events/events.ts";
export type { Health, SecretHealth } from "./health/health.ts";
export type { ProviderHealth } from "./provider/provider-health.ts";
export type { Mask, Masks } from "./redact/mask-policy.ts";
export type { Redactor } from "./redact/redactor.ts";
export type { Secret, SecretMeta } from "./secret/secret.ts";
export type { Clock, Timer } from "./time/clock.ts";
export { systemClock } from "./time/clock.ts";
export type { Duration, DurationRules } from "./time/duration.ts";
export { toMilliseconds } from "./time/duration.ts";
export type { Accept } from "./view/accept.ts";
export type { Derived, DeriveOptions } from "./watch/derived.ts";
export type { SecretChange } from "./watch/secret-change.ts";
export type { SecretOf, SecretWatch } from "./watch/secret-watch.ts";
export type { UseOptions } from "./watch/use-options.ts";
