import { type ProviderHost, SecretError } from "@tacit/core/provider";
import { keyCredentials } from "./key-credentials.ts";
import type { KeyUse, WrappedKey } from "./key-service.ts";
import { openKeys } from "./open-keys.ts";
import type { KeyOptions } from "./options.ts";

/** The key services of a snapshot: the same ones that decrypt files, with the same options. */
export const keyRing = {
  /** Loads the schema of `{ keys }`. */
  options: async () => (await import("./options.ts")).keyRingOptions,
  credentials: keyCredentials,
  /** Opens the services. */
  open({ keys }: { readonly keys: readonly KeyOptions[] }, host: ProviderHost) {
    const opened = openKeys(keys, host);
    return {
      wrap: opened.wrap,
      unwrap: (wrapped: Readonly<Record<string, unknown>>, context: { readonly signal: AbortSignal }) =>
        opened.unwrap([checked(wrapped)], context),
      close: opened.close,
    };
  },
};

/** Checks that a wrapped key from a file has all members of its kind, and that its members are texts or records of texts. */
function checked(wrapped: Readonly<Record<string, unknown>>): WrappedKey {
  const { use } = wrapped;
  const names = Object.entries(members).find(([kind]) => kind === use)?.[1];
  const isWhole = names?.every((name) => (name === "context" ? isTexts(wrapped[name]) : isText(wrapped[name])));
  if (isWhole && Object.values(wrapped).every((member) => isText(member) || isTexts(member))) return wrapped as never;
  throw new SecretError("INVALID_VALUE", "the wrapped key was not written by this library", {
    reason: "malformed",
    tip: "The file was changed after it was written.",
  });
}

/** kind -> the required members of a wrapped key */
const members: { readonly [U in KeyUse]: readonly Exclude<keyof Extract<WrappedKey, { use: U }>, "use" | "signed">[] } =
  {
    age: ["file"],
    pgp: ["message"],
    "aws-kms": ["keyId", "ciphertext", "context"],
    "gcp-kms": ["keyId", "ciphertext"],
    "azure-key": ["keyId", "version", "ciphertext"],
    "vault-transit": ["keyId", "ciphertext"],
    "sealed-secrets": ["label", "ciphertext"],
    local: ["ciphertext", "context"],
  };

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTexts(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isText);
}
