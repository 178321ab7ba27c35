export { type EtcdCipher, type EtcdValue, recogniseEtcdValue } from "./etcd-value.ts";
export { lintEncryptionConfiguration } from "./lint-encryption-configuration.ts";
export type { EncryptionFinding } from "./report.ts";
