import type { CallContext, Finding } from "@tacit/core/provider";

/** A data key wrapped by one key service, as it is stored in files. Its members can be written as JSON. */
export type WrappedKey =
  /** An age file, armored. */
  | { readonly use: "age"; readonly file: string }
  /** An OpenPGP message, armored. `signed` requires a valid signature of a known key. */
  | { readonly use: "pgp"; readonly message: string; readonly signed?: boolean | undefined }
  /** A ciphertext of AWS KMS, in base64. */
  | {
      readonly use: "aws-kms";
      readonly keyId: string;
      readonly ciphertext: string;
      readonly context: KeyContext;
    }
  /** A ciphertext of Google Cloud KMS, in base64. */
  | { readonly use: "gcp-kms"; readonly keyId: string; readonly ciphertext: string }
  /** A ciphertext of Azure Key Vault (RSA-OAEP-256), in base64url. */
  | { readonly use: "azure-key"; readonly keyId: string; readonly version: string; readonly ciphertext: string }
  /** A ciphertext of a transit engine: `vault:v1:...`. `keyId` is the address of the key: `https://<vault>/v1/<mount>/keys/<name>`. */
  | { readonly use: "vault-transit"; readonly keyId: string; readonly ciphertext: string }
  /** RSA-OAEP with SHA-256 and a label, in base64, as a Sealed Secrets controller unwraps it. */
  | { readonly use: "sealed-secrets"; readonly label: string; readonly ciphertext: string }
  /** AES-256-GCM with a key of the operator: a nonce of 12 bytes, the ciphertext and its tag of 16 bytes, in base64. */
  | { readonly use: "local"; readonly ciphertext: string; readonly context: KeyContext };

/** The kinds of key services. */
export type KeyUse = WrappedKey["use"];

/** The context of a wrapped key, which can be unwrapped only with the same names and values. They are not secret. */
export type KeyContext = Readonly<Record<string, string>>;

/** A key service of a provider, which wraps and unwraps data keys. */
export interface KeyService<U extends KeyUse = KeyUse> {
  readonly use: U;
  /**
   * Returns the data key; undefined if it was wrapped for another key, or refers to one that is not in the document.
   * @throws {SecretError} PERMISSION_DENIED, UNAUTHENTICATED, UNAVAILABLE or THROTTLED of the service; INVALID_VALUE `tampered`; UNSUPPORTED
   */
  unwrap(wrapped: Extract<WrappedKey, { use: U }>, context: CallContext): Promise<Uint8Array | undefined>;
  /** Wraps a data key. Absent for a service that can only unwrap. @throws {SecretError} as `unwrap` does */
  wrap?(dataKey: Uint8Array, keyContext: KeyContext, context: CallContext): Promise<Extract<WrappedKey, { use: U }>>;
  /** Returns findings about the keys of the service and their faults. */
  diagnose?(context: CallContext): Promise<readonly Finding[]>;
  /** Closes connections and logins. */
  close?(): Promise<void>;
}
