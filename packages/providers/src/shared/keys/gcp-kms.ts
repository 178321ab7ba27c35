import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import { base64Bytes } from "../base64.ts";
import { GoogleLogin, googleTokens } from "../cloud/google-login.ts";
import type { HttpRequest } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import { tamperedError, wrappedText } from "./errors.ts";
import type { KeyService } from "./key-service.ts";
import type { GcpKmsKeyOptions } from "./options.ts";

/**
 * Creates the key service of a key of Google Cloud KMS. Performs no I/O.
 * @see https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/decrypt
 */
export function createGcpKms(
  { keyId, endpoint, auth, proxy }: GcpKmsKeyOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): KeyService<"gcp-kms"> {
  const client = createHttpClient({ url: endpoint ?? "https://cloudkms.googleapis.com", proxy }, host);
  const login = googleTokens(new GoogleLogin(auth, environment), host);
  const call = async (action: "decrypt" | "encrypt", json: object, context: CallContext): Promise<unknown> => {
    const request: HttpRequest = {
      method: "POST",
      path: `/v1/{+key}:${action}`,
      values: { key: keyId },
      json,
      accept: [400, 404],
    };
    const answer = await login.call((headers) => client.request({ ...request, headers }, context), context, request);
    if (answer.status === 404) throw refused("knows no such key");
    const body = answer.json() as { readonly error?: { readonly status?: unknown } } | null;
    if (answer.status !== 400) return body;
    if (body?.error?.status === "FAILED_PRECONDITION") throw refused("has disabled or destroyed the key");
    throw tamperedError("has a data key that Google Cloud KMS did not create with this key");
  };
  return {
    use: "gcp-kms",
    async unwrap({ keyId: named, ciphertext }, context) {
      if (named !== keyId) return undefined;
      const answer = (await call("decrypt", { ciphertext }, context)) as { readonly plaintext?: unknown } | null;
      return base64Bytes(answer?.plaintext);
    },
    async wrap(dataKey, _names, context) {
      const answer = await call("encrypt", { plaintext: Buffer.from(dataKey).toString("base64") }, context);
      const { ciphertext } = (answer ?? {}) as { readonly ciphertext?: unknown };
      return { use: "gcp-kms", keyId, ciphertext: wrappedText(ciphertext, "Google Cloud KMS") };
    },
    diagnose: async () => [
      {
        level: "info",
        code: "gcp-kms",
        message: `data keys of ${keyId} are unwrapped`,
        tip: "This identity needs roles/cloudkms.cryptoKeyDecrypter on it.",
      },
    ],
    async close() {
      await login.close();
      await client.close();
    },
  };
}

function refused(what: string): SecretError {
  return new SecretError("PERMISSION_DENIED", `Google Cloud KMS ${what}`, {
    reason: "key-service",
    tip: "Check the key and its versions, and the role of this identity: roles/cloudkms.cryptoKeyDecrypter.",
  });
}
