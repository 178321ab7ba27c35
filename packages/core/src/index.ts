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
export { createSecrets, type SecretsOptions } from "./client/secrets.ts";
export type { ConfigDocument, ConfigSource, ValueSource } from "./config/config-document.ts";
export type { Adapters, AnyAdapter } from "./contract/adapters.ts";
export type { Finding, Lease } from "./contract/contract.ts";
export type { AnyKeyRing, KeyRing, KeyRings } from "./contract/key-ring.ts";
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
export { type BasicAuth, basicAuth } from "./decode/basic-auth.ts";
export { type BytesOptions, bytes } from "./decode/bytes.ts";
export type { Codec, DecodeContext, Decoded, DecodedValue, Decoder } from "./decode/codec.ts";
export { type DockerCredentials, dockerConfig } from "./decode/docker-config.ts";
export { json } from "./decode/json.ts";
export { type ObjectOptions, object } from "./decode/object.ts";
export { sshKey } from "./decode/ssh-key.ts";
export { type TextOptions, text } from "./decode/text.ts";
export { type TlsPair, tlsPair } from "./decode/tls-pair.ts";
export type { ErrorCause, ErrorDetails } from "./error/error-details.ts";
export type { SchemaIssue, SecretErrorCode, SecretErrorOptions } from "./error/secret-error.ts";
export { isSecretError, SecretError } from "./error/secret-error.ts";
export type { ChangeReason } from "./events/change-reason.ts";
export type { EventDescription, EventFacts, SecretEventLevel } from "./events/event-facts.ts";
export type { SecretEvent, SecretEvents, SecretEventType } from "./events/events.ts";
export type { Health, SecretHealth, SnapshotHealth } from "./health/health.ts";
export type { ProviderHealth } from "./provider/provider-health.ts";
export type { Mask, Masks } from "./redact/mask-policy.ts";
export type { Redactor } from "./redact/redactor.ts";
export type { Secret, SecretMeta } from "./secret/secret.ts";
export { type Clock, systemClock, type Timer } from "./time/clock.ts";
export { type Duration, type DurationRules, toMilliseconds } from "./time/duration.ts";
export type { Accept } from "./view/accept.ts";
export type { Derived, DeriveOptions } from "./watch/derived.ts";
export type { SecretChange } from "./watch/secret-change.ts";
export type { SecretOf, SecretWatch } from "./watch/secret-watch.ts";
export type { UseOptions } from "./watch/use-options.ts";
