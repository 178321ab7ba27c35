import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import { AzureLogin } from "../cloud/azure-login.ts";
import { createHttpClient } from "../http/create-client.ts";
import { tamperedError } from "./errors.ts";
import type { KeyService } from "./key-service.ts";
import type { AzureKeyOptions } from "./options.ts";

/**
 * Makes the service of a key in Azure Key Vault, asked with the identity that the document says. No I/O. The address is that of the
 * document; a file that names another one is not for this key.
 * @see https://learn.microsoft.com/rest/api/keyvault/keys/decrypt/decrypt
 */
export function createAzureKey(
  { keyId, auth, proxy, allowInsecureHttp }: AzureKeyOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): KeyService<"azure-key"> {
  const { origin, pathname } = new URL(keyId);
  const name = pathname.split("/")[2] ?? "";
  const client = createHttpClient({ url: origin, proxy, allowInsecureHttp }, host);
  const login = new AzureLogin(auth, environment);
  const call = async (path: string, version: string, value: string, { signal }: CallContext): Promise<AzureResult> => {
    const scope = `https://${new URL(keyId).hostname.split(".").slice(1).join(".") || "vault.azure.net"}/.default`;
    const { token } = await login.token({ scope }, { signal, host });
    const answer = await client.request(
      {
        method: "POST",
        path,
        values: { name, version },
        query: { "api-version": "7.4" },
        headers: { authorization: `Bearer ${token}` },
        json: { alg: "RSA-OAEP-256", value },
        accept: [400, 404],
      },
      { signal },
    );
    if (answer.status === 400) throw tamperedError("has a data key that the key in Azure Key Vault did not make");
    if (answer.status === 404) throw notThere();
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
      return { use: "azure-key", keyId: `${origin}/keys/${name}`, version, ciphertext: String(value ?? "") };
    },
    diagnose: async () => [
      {
        level: "info",
        code: "azure-key",
        message: `data keys of ${keyId} are unwrapped`,
        tip: "This identity needs the role Key Vault Crypto User on it, or the access policy `decrypt`.",
      },
    ],
    close: () => client.close(),
  };
}

interface AzureResult {
  readonly kid?: unknown;
  readonly value?: unknown;
}

function notThere(): SecretError {
  return new SecretError("PERMISSION_DENIED", "Azure Key Vault knows no such version of the key", {
    reason: "key-service",
    tip: "Look at the key and its versions: az keyvault key list-versions.",
  });
}
