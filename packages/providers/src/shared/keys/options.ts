import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { type AwsOptions, awsOptions } from "../cloud/aws-options.ts";
import type { AzureAuth } from "../cloud/azure-login.ts";
import { azureAuth, azureAuthHelp } from "../cloud/azure-options.ts";
import type { GoogleAuth } from "../cloud/google-login.ts";
import { googleAuth, googleAuthHelp } from "../cloud/google-options.ts";
import { credential, optional, proxy, required, text, withDefault } from "../options.ts";
import { type VaultAccessOptions, vaultAccess } from "../vault/options.ts";

/** One member of `keys`, after validation. */
export type KeyOptions = SopsKeyOptions | SealedSecretsKeyOptions | LocalKeyOptions;

/** One member of `keys` for the encrypted files of sops and kubesec. */
export type SopsKeyOptions =
  | AgeKeyOptions
  | PgpKeyOptions
  | AwsKmsKeyOptions
  | GcpKmsKeyOptions
  | AzureKeyOptions
  | VaultTransitKeyOptions;

/** An age identity, or the passphrase of files that were encrypted with one. */
export interface AgeKeyOptions {
  readonly use: "age";
  readonly identity?: CredentialSource | undefined;
  readonly passphrase?: CredentialSource | undefined;
}

/** An OpenPGP key, or the `gpg` program that holds it. */
export interface PgpKeyOptions {
  readonly use: "pgp";
  readonly key?: CredentialSource | undefined;
  readonly signers?: CredentialSource | undefined;
  readonly passphrase?: CredentialSource | undefined;
  readonly gpg?: string | undefined;
  readonly home?: string | undefined;
}

/** A key of AWS KMS, and the login to use it. */
export interface AwsKmsKeyOptions extends Omit<AwsOptions, "prefix"> {
  readonly use: "aws-kms";
  readonly keyId: string;
}

/** A key of Google Cloud KMS, and the login to use it. */
export interface GcpKmsKeyOptions {
  readonly use: "gcp-kms";
  readonly keyId: string;
  readonly endpoint?: string | undefined;
  readonly auth: GoogleAuth;
  readonly proxy?: string | undefined;
}

/** A key in Azure Key Vault, and the login to use it. */
export interface AzureKeyOptions {
  readonly use: "azure-key";
  /** The URL of the key, without a version. */
  readonly keyId: string;
  readonly auth: AzureAuth;
  readonly proxy?: string | undefined;
  readonly allowInsecureHttp: boolean;
}

/** A key of Vault's transit engine, and the login to use it. */
export interface VaultTransitKeyOptions extends VaultAccessOptions {
  readonly use: "vault-transit";
  /** The URL of the key: `https://<vault>/v1/<mount>/keys/<name>`. */
  readonly keyId: string;
  readonly endpoint?: string | undefined;
}

/** The private keys of a Sealed Secrets controller. */
export interface SealedSecretsKeyOptions {
  readonly use: "sealed-secrets";
  readonly key: CredentialSource;
}

/** A key of the operator: 32 bytes, written as base64 or hexadecimal. */
export interface LocalKeyOptions {
  readonly use: "local";
  readonly key: CredentialSource;
}

const age = z
  .strictObject({
    use: z.literal("age"),
    identity: optional(
      "Private keys, one per line: `AGE-SECRET-KEY-1...` or `AGE-SECRET-KEY-PQ-1...`; or one SSH key, Ed25519 or RSA, without a passphrase.",
      credential,
    ),
    passphrase: optional("The passphrase of files that were encrypted with one.", credential),
  })
  .check(
    z.refine(({ identity, passphrase }) => (identity === undefined) !== (passphrase === undefined), {
      path: ["identity"],
      error: "must be given, or else `passphrase`, not both",
    }),
  );

const pgp = z
  .strictObject({
    use: z.literal("pgp"),
    key: optional(
      "The private key, as `gpg --armor --export-secret-keys` writes it; used by the package `openpgp`.",
      credential,
    ),
    passphrase: optional("The passphrase of the key, if it has one.", credential),
    signers: optional(
      "The armored public keys of those who may sign data keys, in addition to `key` itself; kubesec requires a signature.",
      credential,
    ),
    gpg: optional(
      "The absolute path of GnuPG, such as `/usr/bin/gpg`, to run it instead of `openpgp`.",
      z.string().check(z.regex(/^(?:\/|[A-Za-z]:\\)/, "must be an absolute path")),
    ),
    home: optional("The home directory of GnuPG, for its `--homedir`; by default that of GnuPG.", text),
  })
  .check(
    z.refine(({ key, gpg }) => (key === undefined) !== (gpg === undefined), {
      path: ["key"],
      error: "must be given, or else `gpg`, not both",
    }),
  );

const awsKms = z.strictObject({
  use: z.literal("aws-kms"),
  keyId: required("The ARN of the key or alias, as in the files.", text),
  ...awsOptions("AWS_ENDPOINT_URL_KMS"),
});

const gcpKms = z.strictObject({
  use: z.literal("gcp-kms"),
  keyId: required(
    "The resource id of the key, as in the files.",
    z
      .string()
      .check(
        z.regex(
          /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/,
          "must be projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>",
        ),
      ),
  ),
  endpoint: optional("The URL to use instead of the cloud's own.", text),
  auth: withDefault(googleAuthHelp, { method: "default" }, googleAuth),
  proxy: optional("`environment`, or the URL of a proxy; by default none.", proxy),
});

const azureKey = z.strictObject({
  use: z.literal("azure-key"),
  keyId: required(
    "The URL of the key, without a version: `https://<vault>.vault.azure.net/keys/<name>`.",
    z.string().check(z.regex(/^https?:\/\/[\w.:-]+\/keys\/[\w-]+$/, "must be https://<vault>/keys/<name>")),
  ),
  auth: withDefault(azureAuthHelp, { method: "default" }, azureAuth),
  proxy: optional("`environment`, or the URL of a proxy; by default none.", proxy),
  allowInsecureHttp: withDefault("Allows `keyId` to name an http server on another machine.", false, z.boolean()),
});

const vaultTransit = z.strictObject({
  use: z.literal("vault-transit"),
  keyId: required(
    "The URL of the key, as in the files: `https://<vault>/v1/<mount>/keys/<name>`.",
    z.string().check(
      z.regex(
        /^https?:\/\/(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?\/v1\/[\w./-]+\/keys\/[\w.-]+$/,
        "must be https://<vault>/v1/<mount>/keys/<name>",
      ),
      z.refine(
        (id) => URL.canParse(id) && id.replace(/^https?:\/\/[^/]*/, "") === new URL(id).pathname,
        "must be an address as it is used, without . and .. in it",
      ),
    ),
  ),
  endpoint: optional(
    "The address at which this process reaches Vault, if it is not the one in `keyId`: another URL, or an Agent at `unix:/run/vault/agent.sock`.",
    text,
  ),
  ...vaultAccess("`keyId`, `endpoint`"),
});

const sealedSecrets = z.strictObject({
  use: z.literal("sealed-secrets"),
  key: required(
    "The private keys of the controller: one or more in PEM, or a backup of its Secrets as YAML or JSON.",
    credential,
  ),
});

const local = z.strictObject({
  use: z.literal("local"),
  key: required("32 bytes as base64 or hexadecimal, such as `openssl rand -base64 32` writes.", credential),
});

/** kind of key -> its schema */
const members = {
  age,
  pgp,
  "aws-kms": awsKms,
  "gcp-kms": gcpKms,
  "azure-key": azureKey,
  "vault-transit": vaultTransit,
  "sealed-secrets": sealedSecrets,
  local,
};

/** Bounds the work for a file, on which each key may be tried. */
const mostKeys = 20;

/** Defines the option `keys` of an adapter. @param uses the kinds of keys that its files support */
export function keys<U extends KeyOptions["use"]>(
  ...uses: readonly [U, ...U[]]
): z.ZodMiniType<readonly Extract<KeyOptions, { use: U }>[], unknown> {
  const allowed = uses.map((use) => members[use]) as unknown as [typeof age];
  return required(
    "The keys that decrypt the files, tried in this order.",
    z
      .array(z.discriminatedUnion("use", allowed))
      .check(z.minLength(1, "must name at least one key"), z.maxLength(mostKeys, `must name at most ${mostKeys} keys`)),
  ) as never;
}

/** The schema of the keys of a snapshot, with all kinds of key services. */
export const keyRingOptions = z.strictObject({ keys: keys(...(Object.keys(members) as ["age", "local"])) });
