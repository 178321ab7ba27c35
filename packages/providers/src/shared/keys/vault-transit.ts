import { type CallContext, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { VaultAnswer } from "../vault/answer.ts";
import { openVaultConnection } from "../vault/connection.ts";
import type { Environment } from "../vault/environment.ts";
import { tlsFindings } from "../vault/tls.ts";
import { type TransitRefusal, transitCiphertext, transitPlaintext, transitRefusal } from "../vault/transit.ts";
import { tamperedError, wrappedText } from "./errors.ts";
import type { KeyService } from "./key-service.ts";
import type { VaultTransitKeyOptions } from "./options.ts";

/**
 * Creates the key service of a key of Vault's transit engine. Performs no I/O. The address and the login come from the document; data
 * keys with another address, mount or key in the file are not unwrapped.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/transit#decrypt-data
 */
export function createVaultTransit(
  { keyId, endpoint, ...access }: VaultTransitKeyOptions,
  host: ProviderHost,
  environment: Environment = process.env,
): KeyService<"vault-transit"> {
  const { origin, pathname } = new URL(keyId);
  const [, mount = "", name = ""] = keyPath.exec(pathname) ?? [];
  const connection = openVaultConnection({ ...access, url: endpoint ?? origin }, host, environment);
  const call = async (action: "decrypt" | "encrypt", json: object, context: CallContext): Promise<VaultAnswer> => {
    const request = { method: "POST", path: `{+mount}/${action}/{name}`, values: { mount, name }, json } as const;
    const answer = await connection.session
      .call({ ...request, accept: [400, 404] }, context)
      .catch((error: unknown) => {
        throw isSecretError(error, "PERMISSION_DENIED") ? denied(`${mount}/${action}/${name}`, error) : error;
      });
    if (answer.status >= 400) throw refused(transitRefusal(answer));
    return answer;
  };
  return {
    use: "vault-transit",
    async unwrap({ keyId: named, ciphertext }, context) {
      if (!isSameKey(named, keyId)) return undefined;
      if (!ciphertextForm.test(ciphertext)) throw refused("ciphertext");
      return transitPlaintext(await call("decrypt", { ciphertext }, context));
    },
    async wrap(dataKey, _names, context) {
      const plaintext = Buffer.from(dataKey).toString("base64");
      const ciphertext = transitCiphertext(await call("encrypt", { plaintext }, context));
      return { use: "vault-transit", keyId, ciphertext: wrappedText(ciphertext, "Vault") };
    },
    diagnose: async () => [
      {
        level: "info",
        code: "vault-transit",
        message: `data keys of ${keyId} are unwrapped`,
        tip: `The policy of this login needs: path "${mount}/decrypt/${name}" { capabilities = ["update"] }`,
      },
      ...tlsFindings(access.tls, environment),
    ],
    close: () => connection.close(),
  };
}

/** Matches the path of a key: its groups are the mount and the name. */
const keyPath = /^\/v1\/(.+)\/keys\/([^/]+)$/;
const ciphertextForm = /^vault:v\d{1,9}:[A-Za-z0-9+/]{1,8192}={0,2}$/;

/** Returns whether two URLs refer to the same key; host names and default ports may be written differently. */
function isSameKey(named: string, keyId: string): boolean {
  if (!URL.canParse(named)) return false;
  const [one, other] = [new URL(named), new URL(keyId)];
  return one.origin === other.origin && one.pathname === other.pathname;
}

function refused(reason: TransitRefusal | undefined): SecretError {
  if (reason === "ciphertext") return tamperedError("has a data key that Vault did not create with this key");
  const [what, tip] = reasons[reason ?? "other"];
  return new SecretError("PERMISSION_DENIED", `Vault ${what}`, { reason: "key-service", tip });
}

const reasons: Readonly<Record<"key" | "version" | "other", readonly [string, string]>> = {
  key: ["knows no such key", "Check `keyId` with vault list <mount>/keys. Data that a deleted key encrypted is lost."],
  version: [
    "no longer uses this version of the key",
    "Rotate the file (sops rotate) or write it again; lower min_decryption_version until that is done.",
  ],
  other: [
    "does not decrypt with this key",
    "Check its type and whether it derives keys: vault read <mount>/keys/<name>.",
  ],
};

function denied(path: string, cause: SecretError): SecretError {
  return new SecretError("PERMISSION_DENIED", `the policies of this login do not allow it to use "${path}"`, {
    reason: "key-service",
    retryAfterMs: cause.retryAfterMs,
    cause,
    tip: `Grant it: path "${path}" { capabilities = ["update"] }.`,
  });
}
