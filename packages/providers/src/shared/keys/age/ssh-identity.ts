import {
  constants,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  privateDecrypt,
} from "node:crypto";
import type { Identity, Stanza } from "age-encryption";
import { parseSshKey, type SshKey } from "./ssh-key.ts";

/**
 * Creates the identity of an SSH key, which `age-encryption` does not support.
 * @throws {SecretError} UNAUTHENTICATED `key-format`
 * @see https://github.com/FiloSottile/age/blob/main/agessh/agessh.go
 */
export function sshIdentity(pem: string): Identity {
  const key = parseSshKey(pem);
  const tag = createHash("sha256").update(key.wire).digest().subarray(0, 4).toString("base64").replace(/=+$/, "");
  return {
    unwrapFileKey(stanzas) {
      for (const stanza of stanzas) {
        const [type, recipient] = stanza.args;
        if (type !== key.type || recipient !== tag) continue;
        return key.type === "ssh-rsa" ? openRsa(key.key, stanza) : openEd25519(key, stanza);
      }
      return null;
    },
  };
}

const rsaLabel = "age-encryption.org/v1/ssh-rsa";
const ed25519Label = "age-encryption.org/v1/ssh-ed25519";

function openRsa(key: KeyObject, { body }: Stanza): Uint8Array {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const fileKey = privateDecrypt({ key, padding, oaepHash: "sha256", oaepLabel: Buffer.from(rsaLabel) }, body);
  if (fileKey.length !== 16) throw new RangeError("a file key has 16 bytes");
  return fileKey;
}

/** Unwraps a file key by X25519 with the Ed25519 key converted to Curve25519; a tweak binds the shared secret to the SSH key. */
function openEd25519({ wire, seed }: SshKey & { type: "ssh-ed25519" }, { args, body }: Stanza): Uint8Array {
  const ephemeral = Buffer.from(args[2] ?? "", "base64");
  if (ephemeral.length !== 32 || body.length !== 32)
    throw new RangeError("a stanza of ssh-ed25519 has two times 32 bytes");
  const own = x25519Private(createHash("sha512").update(seed).digest().subarray(0, 32));
  const tweak = Buffer.from(hkdfSync("sha256", "", wire, ed25519Label, 32));
  const agreed = diffieHellman({ privateKey: own, publicKey: x25519Public(ephemeral) });
  const shared = diffieHellman({ privateKey: x25519Private(tweak), publicKey: x25519Public(agreed) });
  const ownPublic = Buffer.from(createPublicKey(own).export({ format: "jwk" }).x ?? "", "base64url");
  const wrapping = Buffer.from(hkdfSync("sha256", shared, Buffer.concat([ephemeral, ownPublic]), ed25519Label, 32));
  const decipher = createDecipheriv("chacha20-poly1305", wrapping, Buffer.alloc(12), { authTagLength: 16 });
  decipher.setAuthTag(Buffer.from(body.subarray(16)));
  return Buffer.concat([decipher.update(body.subarray(0, 16)), decipher.final()]);
}

/** The bytes before the 32 bytes of a key in PKCS #8 and SPKI. */
const pkcs8Prefix = Buffer.from("302e020100300506032b656e04220420", "hex");
const spkiPrefix = Buffer.from("302a300506032b656e032100", "hex");

function x25519Private(scalar: Buffer): KeyObject {
  return createPrivateKey({ format: "der", type: "pkcs8", key: Buffer.concat([pkcs8Prefix, scalar]) });
}

function x25519Public(point: Buffer): KeyObject {
  return createPublicKey({ format: "der", type: "spki", key: Buffer.concat([spkiPrefix, point]) });
}
