import { type ProviderResult, SecretError } from "@tacit/core/provider";
import { contentResult } from "../../shared/answer.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";
import { transitPlaintext, transitRefusal } from "../../shared/vault/transit.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { assertCurrent, malformed, refusals, requestRefused, undeclared } from "./refusal.ts";

/** An encrypted value in the document. */
export interface TransitCiphertext {
  /** The transit key. */
  readonly key: string;
  /** The result of `vault write transit/encrypt/<key>`: `vault:v1:...`. */
  readonly ciphertext: string;
  /** The context of a derived key, in base64, as it was passed to encrypt. */
  readonly context?: string | undefined;
  /** The associated data, in base64, as it was passed to encrypt. */
  readonly associatedData?: string | undefined;
}

/** The options of a transit mount. */
export interface TransitOptions {
  /** path below the mount -> its ciphertext */
  readonly ciphertexts: Readonly<Record<string, TransitCiphertext>>;
}

/**
 * Creates the reader of a transit engine, which decrypts the ciphertexts in the document. Vault keeps the key and checks its policies
 * at each read.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/transit#decrypt-data
 */
export function createTransitEngine({ session, host, mount }: EngineContext, { ciphertexts }: TransitOptions): Engine {
  return {
    kind: "transit",
    isDynamic: () => false,
    async get({ path, version, ifVersion }, context): Promise<ProviderResult> {
      assertCurrent({ version }, "transit");
      const declared = Object.hasOwn(ciphertexts, path) ? ciphertexts[path] : undefined;
      if (declared === undefined)
        throw undeclared(`no such ciphertext is declared for the mount "${mount}"`, declareTip);
      const { key, ciphertext, context: keyContext, associatedData } = declared;
      const json = { ciphertext, context: keyContext, associated_data: associatedData };
      const request = { method: "POST", path: "{+mount}/decrypt/{key}", values: { mount, key }, json } as const;
      const answer = await session.call({ ...request, accept: refusals }, context);
      if (refusals.includes(answer.status)) throw decryptFailure(answer);
      const bytes = transitPlaintext(answer);
      if (bytes === undefined) throw malformed("transit");
      return contentResult({ kind: "value", bytes }, { ifVersion }, host);
    },
  };
}

const declareTip = "Write it under `ciphertexts` of the mount, as { key, ciphertext }.";

/** Returns the error of a refused decryption. A missing key is not NOT_FOUND, so that no fallback store is used: the ciphertext exists. */
function decryptFailure(answer: VaultAnswer): SecretError {
  const reason = transitRefusal(answer);
  if (reason === "key")
    return unreadable(
      "transit-key",
      "Vault has no transit key with that name",
      "Check `key` and the mount. Data that a deleted key encrypted is lost: write the secret again, and encrypt it with another key.",
    );
  if (reason === "version")
    return unreadable(
      "transit-version",
      "the ciphertext uses a version of the key that is no longer allowed",
      "Encrypt the secret again, or lower `min_decryption_version` and use `transit/rewrap`.",
    );
  if (reason === "ciphertext")
    return unreadable(
      "transit-ciphertext",
      "the ciphertext cannot be decrypted with that key",
      "Check that it is complete, and that `key`, `context` and `associatedData` are those that it was encrypted with.",
    );
  return requestRefused(
    answer,
    "Check `key`, `context` and `associatedData` with `vault write transit/decrypt/<key>`.",
  );
}

function unreadable(reason: string, message: string, tip: string): SecretError {
  return new SecretError("INVALID_VALUE", message, { reason, tip });
}
