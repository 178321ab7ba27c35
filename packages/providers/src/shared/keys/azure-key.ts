import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import { AzureLogin } from "../cloud/azure-login.ts";
import { AzureVault } from "../cloud/azure-vault.ts";
import { tamperedError, wrappedText } from "./errors.ts";
import type { KeyService } from "./key-service.ts";
import type { AzureKeyOptions } from "./options.ts";

/**
 * Creates the key service of a key in Azure Key Vault. Performs no I/O. The identity and the address come from the document; data keys
 * with another address in the file are not unwrapped.
 * @see https://learn.microsoft.com/rest/api/keyvault/keys/decrypt/decrypt
 */
export function createAzureKey(
  { keyId, auth, proxy, allowInsecureHttp }: AzureKeyOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): KeyService<"azure-key"> {
  const { origin, pathname } = new URL(keyId);
  const name = pathname.split("/")[2] ?? "";
  const options = { url: origin, proxy, allowInsecureHttp, tls: { verify: true } };
  const vault = new AzureVault(options, rights, new AzureLogin(auth, environment), host);
  const call = async (path: string, version: string, value: string, context: CallContext): Promise<AzureResult> => {
    const json = { alg: "RSA-OAEP-256", value };
    const request = { method: "POST", path, values: { name, version }, json, replayable: true, accept: [400] } as const;
    const answer = await vault.find(request, context);
    if (answer === undefined) throw notThere();
    if (answer.status === 400)
      throw tamperedError("has a data key that was not created with the key in Azure Key Vault");
    return (answer.json() ?? {}) as AzureResult;
  };
  return {
    use: "azure-key",
    async unwrap({ keyId: named, version, ciphertext }, context) {
      if (named !== `${origin}/keys/${name}` || !/^[0-9a-f]{32}$/.test(version)) return undefined;
      const { value } = await call("/keys/{name}/{version}/decrypt", version, ciphertext, context);
      return typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64url")) : undefined;
    },
    async wrap(dataKey, _names, context) {
      const plain = Buffer.from(dataKey).toString("base64url");
      const { kid, value } = await call("/keys/{name}/encrypt", "", plain, context);
      const version =
        String(kid ?? "")
          .split("/")
          .at(-1) ?? "";
      return {
        use: "azure-key",
        keyId: `${origin}/keys/${name}`,
        version,
        ciphertext: wrappedText(value, "Azure Key Vault"),
      };
    },
    diagnose: async () => [
      {
        level: "info",
        code: "azure-key",
        message: `data keys of ${keyId} are unwrapped`,
        tip: "This identity needs the role Key Vault Crypto User on it, or the access policy `decrypt`.",
      },
    ],
    close: () => vault.store.close(),
  };
}

const rights = {
  collection: "keys",
  what: "use the key",
  role: "Key Vault Crypto User",
  permission: "--key-permissions decrypt encrypt",
} as const;

interface AzureResult {
  readonly kid?: unknown;
  readonly value?: unknown;
}

function notThere(): SecretError {
  return new SecretError("PERMISSION_DENIED", "Azure Key Vault knows no such version of the key", {
    reason: "key-service",
    tip: "Check the key and its versions: az keyvault key list-versions.",
  });
}
