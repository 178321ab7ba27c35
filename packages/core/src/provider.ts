export type * from "./contract/contract.ts";
export type { StandardSchemaV1 } from "./contract/standard-schema.ts";
export type { SecretErrorCode, SecretErrorOptions } from "./error/secret-error.ts";
export { isSecretError, SecretError } from "./error/secret-error.ts";
export type { Clock, Timer } from "./time/clock.ts";
