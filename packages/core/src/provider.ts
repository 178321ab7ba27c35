export type { StandardSchemaV1 } from "./decode/standard-schema.ts";
export type { SecretErrorCode, SecretErrorOptions } from "./error/secret-error.ts";
export { isSecretError, SecretError } from "./error/secret-error.ts";
export type * from "./provider/contract.ts";
export type { Clock, Timer } from "./time/clock.ts";
