import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

/** An age identity of one bench, and who may be encrypted for. */
export interface AgeKey {
  readonly identity: string;
  readonly recipient: string;
}

/** The fields of a file; each file has values of its own. */
export type FileFields = Readonly<Record<string, string>>;

/** Makes one. */
export async function createAgeKey(): Promise<AgeKey> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** What a file holds. @param generation for another value under the same name */
export function fieldsOf(name: string, generation = 0): FileFields {
  return { user: "app", password: `s3cret-fixture-${name}-${generation}` };
}

/** Writes `<name>.json.age`. */
export async function writeAgeFile(folder: string, name: string, fields: FileFields, key: AgeKey): Promise<void> {
  writeFileSync(join(folder, `${name}.json.age`), await encrypted(Buffer.from(JSON.stringify(fields)), key));
}

/** Writes `<name>.json` as SOPS does, with a data key of its own. */
export async function writeSopsFile(folder: string, name: string, fields: FileFields, key: AgeKey): Promise<void> {
  const dataKey = randomBytes(32);
  const hash = createHash("sha512");
  const values = Object.entries(fields).map(([field, text]) => {
    hash.update(text);
    return [field, encryptedValue(text, dataKey, `${field}:`)] as const;
  });
  const lastmodified = "2026-01-02T03:04:05Z";
  const mac = encryptedValue(hash.digest("hex").toUpperCase(), dataKey, lastmodified);
  const enc = armor.encode(await encrypted(dataKey, key));
  const sops = { age: [{ recipient: key.recipient, enc }], lastmodified, mac, version: "3.13.3" };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...Object.fromEntries(values), sops }, undefined, "\t"));
}

async function encrypted(content: Uint8Array, { recipient }: AgeKey): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(content);
}

function encryptedValue(text: string, dataKey: Uint8Array, boundTo: string): string {
  const iv = randomBytes(32);
  const cipher = createCipheriv("aes-256-gcm", dataKey, iv);
  cipher.setAAD(Buffer.from(boundTo));
  const data = Buffer.concat([cipher.update(text), cipher.final()]);
  const [shown, nonce, tag] = [data, iv, cipher.getAuthTag()].map((part) => part.toString("base64"));
  return `ENC[AES256_GCM,data:${shown},iv:${nonce},tag:${tag},type:str]`;
}
