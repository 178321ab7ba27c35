import type { CallContext, Finding } from "@tacit/core/provider";

/** A data key as a file holds it: wrapped by one key service. Each member is text, so that it can be written as JSON. */
export type WrappedKey =
  /** An age file, armored. */
  | { readonly use: "age"; readonly file: string }
  /** An OpenPGP message, armored. `signed`: it must have a valid signature of a known key. */
  | { readonly use: "pgp"; readonly message: string; readonly signed?: boolean | undefined }
  /** base64 of what AWS KMS made. */
  | {
      readonly use: "aws-kms";
      readonly keyId: string;
      readonly ciphertext: string;
      readonly context: KeyContext;
    }
  /** base64 of what Google Cloud KMS made. */
  | { readonly use: "gcp-kms"; readonly keyId: string; readonly ciphertext: string }
  /** base64url of what a key of Azure Key Vault made: RSA-OAEP-256. */
  | { readonly use: "azure-key"; readonly keyId: string; readonly version: string; readonly ciphertext: string }
  /** `vault:v1:...` of a transit engine. `keyId` is the address of the key: `https://<vault>/v1/<mount>/keys/<name>`. */
  | { readonly use: "vault-transit"; readonly keyId: string; readonly ciphertext: string }
  /** base64 of RSA-OAEP with SHA-256, under a label, as a Sealed Secrets controller unwraps it. */
  | { readonly use: "sealed-secrets"; readonly label: string; readonly ciphertext: string }
  /** AES-256-GCM under a key of the operator: base64 of 12 bytes of nonce, the ciphertext and its tag. */
  | { readonly use: "local"; readonly ciphertext: string; readonly context: KeyContext };

/** The kinds of key services. */
export type KeyUse = WrappedKey["use"];

/** What a wrapped key is bound to: it is only unwrapped together with the same names and values. They are no secret. */
export type KeyContext = Readonly<Record<string, string>>;

/** One key service of a provider: it opens the data keys that were wrapped for it. */
export interface KeyService<U extends KeyUse = KeyUse> {
  readonly use: U;
  /**
   * Returns the data key, or undefined where it was wrapped for somebody else, or where the document does not allow what the file names.
   * @throws {SecretError} PERMISSION_DENIED, UNAUTHENTICATED, UNAVAILABLE or THROTTLED of the service; INVALID_VALUE `tampered`; UNSUPPORTED
   */
  unwrap(wrapped: Extract<WrappedKey, { use: U }>, context: CallContext): Promise<Uint8Array | undefined>;
  /** Wraps a data key for this service. Absent where it only opens. @throws {SecretError} as `unwrap` does */
  wrap?(dataKey: Uint8Array, keyContext: KeyContext, context: CallContext): Promise<Extract<WrappedKey, { use: U }>>;
  /** Tells what it opens, and what is wrong with it; never throws for that. */
  diagnose?(context: CallContext): Promise<readonly Finding[]>;
  /** Ends connections and logins. */
  close?(): Promise<void>;
}
