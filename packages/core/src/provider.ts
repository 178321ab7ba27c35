export type * from "./contract/contract.ts";
export type { StandardSchemaV1 } from "./contract/standard-schema.ts";
export type { SecretErrorCode, SecretErrorOptions } from "./error/secret-error.ts";
export { isSecretError, SecretError } from "./error/secret-error.ts";
export type { JsonFault } from "./name/json-faults.ts";
export { jsonFaults } from "./name/json-faults.ts";
export type { JsonMember } from "./name/json-members.ts";
export { jsonMembers } from "./name/json-members.ts";
export type { Clock, Timer } from "./time/clock.ts";
