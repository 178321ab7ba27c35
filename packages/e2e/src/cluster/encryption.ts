import { randomBytes } from "node:crypto";

/** How an API server encrypts what it stores: the first provider writes, all of them read. */
export type EncryptionConfiguration = { readonly kind: "EncryptionConfiguration" } & Readonly<Record<string, unknown>>;

/** One way of storing Secrets. */
export type EncryptionProvider = Readonly<Record<string, unknown>>;

/** Stores them as they are. */
export const identity: EncryptionProvider = { identity: {} };

/** Encrypts with a new key of its own. */
export function encryptionProvider(kind: "secretbox" | "aescbc" | "aesgcm", key: string): EncryptionProvider {
  return { [kind]: { keys: [{ name: key, secret: randomBytes(32).toString("base64") }] } };
}

/** Applies to Secrets alone. */
export function encryptionConfiguration(...providers: readonly EncryptionProvider[]): EncryptionConfiguration {
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers }],
  };
}
