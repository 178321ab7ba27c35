import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { Identity, Recipient, Stanza } from "age-encryption";
import { sealedError } from "../errors.ts";
import { importAge } from "./age-package.ts";

/**
 * Creates the identity of a passphrase. Unlike that of `age-encryption`, it computes scrypt in the thread pool, for one file at a time,
 * and caches the last 100 file keys.
 * @see https://age-encryption.org/v1#the-scrypt-recipient-type
 */
export function passphraseIdentity(passphrase: string): Identity {
  /** stanza -> its file key */
  const opened = new Map<string, Uint8Array>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    async unwrapFileKey(stanzas) {
      const [stanza] = stanzas;
      if (stanza?.args[0] !== "scrypt" || stanzas.length !== 1) return null;
      const id = `${stanza.args.join(" ")} ${Buffer.from(stanza.body).toString("base64")}`;
      const known = opened.get(id);
      if (known !== undefined) return known;
      const open = (): Promise<Uint8Array | null> => openStanza(stanza, passphrase);
      const opening = last.then(open, open);
      last = opening;
      const fileKey = await opening;
      if (fileKey === null) return null;
      opened.set(id, fileKey);
      for (const oldest of opened.keys()) {
        if (opened.size <= mostOpened) break;
        opened.delete(oldest);
      }
      return fileKey;
    },
  };
}

/** Creates the recipient of a passphrase, with the work factor of the `age` program. */
export function passphraseRecipient(passphrase: string): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const { Stanza } = await importAge();
      const salt = randomBytes(16);
      const cipher = createCipheriv("chacha20-poly1305", await derive(passphrase, salt, workFactor), nonce, tagLength);
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza(["scrypt", unpadded(salt), String(workFactor)], body)];
    },
  };
}

/** The work factor of the `age` program, which takes 256 MiB and about a second. A file with a higher one is refused. */
const workFactor = 18;
const mostOpened = 100;
const nonce = Buffer.alloc(12);
const tagLength = { authTagLength: 16 };
const label = Buffer.from("age-encryption.org/v1/scrypt");

async function openStanza({ args, body }: Stanza, passphrase: string): Promise<Uint8Array | null> {
  const salt = Buffer.from(args[1] ?? "", "base64");
  if (args.length !== 3 || salt.length !== 16 || body.length !== 32 || !/^[1-9]\d?$/.test(args[2] ?? ""))
    throw new RangeError("not a stanza of scrypt");
  const factor = Number(args[2]);
  if (factor > workFactor)
    throw sealedError(
      "work-factor",
      `requires a work factor of ${factor}, more than ${workFactor}`,
      "Encrypt it again with the default work factor of age, or for a recipient instead of a passphrase.",
    );
  const decipher = createDecipheriv("chacha20-poly1305", await derive(passphrase, salt, factor), nonce, tagLength);
  decipher.setAuthTag(Buffer.from(body.subarray(16)));
  const fileKey = decipher.update(body.subarray(0, 16));
  try {
    decipher.final();
    return fileKey;
  } catch {
    return null;
  }
}

function derive(passphrase: string, salt: Buffer, factor: number): Promise<Buffer> {
  const N = 2 ** factor;
  const work = promisify<string, Buffer, number, object, Buffer>(scrypt);
  return work(passphrase, Buffer.concat([label, salt]), 32, { N, r: 8, p: 1, maxmem: 128 * 8 * (N + 64) });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
