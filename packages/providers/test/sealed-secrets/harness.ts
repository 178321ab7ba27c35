import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConformanceHarness } from "@tacit/core/conformance";
import { sealedSecrets } from "../../src/sealed-secrets/index.ts";
import { openSealedSecretsProvider } from "../../src/sealed-secrets/provider.ts";
import { encryptedHarness } from "../encrypted-harness.ts";
import { testFile } from "../test-file.ts";

/** SealedSecrets of the whole cluster, so that a path may have any name. */
export function sealedSecretsHarness(): ConformanceHarness {
  const key = testFile("sealed-secrets", "old.key").toString();
  const publicKey = createPublicKey(key);
  const seal = (bytes: Uint8Array): string => {
    const sessionKey = randomBytes(32);
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const wrapped = publicEncrypt({ key: publicKey, padding, oaepHash: "sha256" }, sessionKey);
    const cipher = createCipheriv("aes-256-gcm", sessionKey, Buffer.alloc(12));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(wrapped.length);
    return Buffer.concat([length, wrapped, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString(
      "base64",
    );
  };
  return encryptedHarness({
    adapter: sealedSecrets,
    open: openSealedSecretsProvider,
    extension: ".json",
    options(home) {
      const file = join(home, "keys");
      writeFileSync(file, key);
      return { keys: [{ use: "sealed-secrets", key: { $file: file } }] };
    },
    async encrypt(payload) {
      const fields = payload.kind === "fields" ? [...payload.fields] : [];
      return JSON.stringify({
        apiVersion: "bitnami.com/v1alpha1",
        kind: "SealedSecret",
        metadata: { name: "any", annotations: { "sealedsecrets.bitnami.com/cluster-wide": "true" } },
        spec: { encryptedData: Object.fromEntries(fields.map(([name, bytes]) => [name, seal(bytes)])) },
      });
    },
    credentials: () => [key],
  });
}
