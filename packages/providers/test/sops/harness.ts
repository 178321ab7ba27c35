import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConformanceHarness } from "@tacit/core/conformance";
import { armor, Encrypter } from "age-encryption";
import { sops } from "../../src/sops/index.ts";
import { openSopsProvider } from "../../src/sops/provider.ts";
import { testIdentity, testRecipient } from "../age/vectors.ts";
import { encryptedHarness } from "../encrypted-harness.ts";

/** JSON files whose keys are the fields. */
export function sopsHarness(): ConformanceHarness {
  return encryptedHarness({
    adapter: sops,
    open: openSopsProvider,
    extension: ".json",
    options(home) {
      const file = join(home, "identity");
      writeFileSync(file, testIdentity);
      return { keys: [{ use: "age", identity: { $file: file } }] };
    },
    encrypt: async (payload) => encryptJson(payload.kind === "fields" ? payload.fields : new Map()),
    credentials: () => [testIdentity],
    payloads: ["fields"],
  });
}

/** Writes a file as SOPS does; a value is text to SOPS, but may be any bytes. */
async function encryptJson(fields: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const dataKey = randomBytes(32);
  const hash = createHash("sha512");
  const lines = [...fields].map(([key, bytes]) => {
    hash.update(bytes);
    return `${JSON.stringify(key)}: "${encryptValue(bytes, dataKey, `${key}:`)}"`;
  });
  const lastmodified = "2026-01-02T03:04:05Z";
  const mac = encryptValue(Buffer.from(hash.digest("hex").toUpperCase()), dataKey, lastmodified);
  const encrypter = new Encrypter();
  encrypter.addRecipient(testRecipient);
  const enc = armor.encode(await encrypter.encrypt(dataKey));
  const metadata = { age: [{ recipient: testRecipient, enc }], lastmodified, mac, version: "3.13.3" };
  return `{${[...lines, `"sops": ${JSON.stringify(metadata)}`].join(",\n")}}`;
}

function encryptValue(bytes: Uint8Array, dataKey: Uint8Array, boundTo: string): string {
  if (bytes.length === 0) return "";
  const iv = randomBytes(32);
  const cipher = createCipheriv("aes-256-gcm", dataKey, iv);
  cipher.setAAD(Buffer.from(boundTo));
  const data = Buffer.concat([cipher.update(bytes), cipher.final()]);
  const [shown, nonce, tag] = [data, iv, cipher.getAuthTag()].map((part) => part.toString("base64"));
  return `ENC[AES256_GCM,data:${shown},iv:${nonce},tag:${tag},type:str]`;
}
