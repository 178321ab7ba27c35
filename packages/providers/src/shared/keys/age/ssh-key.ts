import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { keyFormatError } from "../errors.ts";

/** A private key of SSH; `wire` is the public key in the encoding of SSH. */
export type SshKey =
  /** `seed` is the private key of Ed25519. */
  | { readonly type: "ssh-ed25519"; readonly wire: Buffer; readonly seed: Buffer }
  | { readonly type: "ssh-rsa"; readonly wire: Buffer; readonly key: KeyObject };

/**
 * Parses a private key without a passphrase, in the format of OpenSSH or, for RSA, in PKCS #1 or PKCS #8.
 * @throws {SecretError} UNAUTHENTICATED `key-format`
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
export function parseSshKey(pem: string): SshKey {
  const [, encoded] =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*$/.exec(pem) ?? [];
  try {
    const key = encoded === undefined ? rsaKey(createPrivateKey(pem)) : openSshKey(Buffer.from(encoded, "base64"));
    if (key !== undefined) return key;
  } catch {
    // The error of Node may quote the key.
  }
  throw keyFormatError(
    "SSH key",
    "cannot be read",
    "Use an Ed25519 or RSA key (2048 bits or more) without a passphrase, as ssh-keygen writes it; `ssh-keygen -p` removes the passphrase from a copy.",
  );
}

const magic = "openssh-key-v1\0";

/** Parses the format of OpenSSH; returns undefined for an encrypted key, several keys, or a key of another type. */
function openSshKey(bytes: Buffer): SshKey | undefined {
  if (bytes.subarray(0, magic.length).toString("latin1") !== magic) return undefined;
  const outer = new WireReader(bytes.subarray(magic.length));
  const cipher = outer.text();
  outer.field();
  outer.field();
  if (cipher !== "none" || outer.number() !== 1) return undefined;
  const wire = outer.field();
  const inner = new WireReader(outer.field());
  // Skips the two check numbers, which only verify a passphrase.
  inner.number();
  inner.number();
  const type = inner.text();
  if (type === "ssh-ed25519") {
    const publicKey = inner.field();
    const seed = inner.field().subarray(0, 32);
    return seed.length === 32 && wire.subarray(-32).equals(publicKey) ? { type, wire, seed } : undefined;
  }
  if (type !== "ssh-rsa") return undefined;
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => toBigInt(inner.field())) as [bigint, ...bigint[]];
  const numbers = { n, e, d, p, q, dp: remainder(d, p), dq: remainder(d, q), qi };
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, toBase64Url(value)]));
  return rsaKey(createPrivateKey({ format: "jwk", key: { kty: "RSA", ...jwk } }));
}

function rsaKey(key: KeyObject): SshKey | undefined {
  if (key.asymmetricKeyType !== "rsa" || (key.asymmetricKeyDetails?.modulusLength ?? 0) < leastRsaBits)
    return undefined;
  const { e = "", n = "" } = createPublicKey(key).export({ format: "jwk" });
  const wire = Buffer.concat([Buffer.from("ssh-rsa"), toMpint(e), toMpint(n)].map(toField));
  return { type: "ssh-rsa", wire, key };
}

/** The minimum of age. */
const leastRsaBits = 2048;

/** Reads the fields of an SSH message, each with its length before it. */
class WireReader {
  #rest: Buffer;

  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }

  number(): number {
    const value = this.#rest.readUInt32BE(0);
    this.#rest = this.#rest.subarray(4);
    return value;
  }

  field(): Buffer {
    const length = this.number();
    if (length > this.#rest.length) throw new RangeError("a field is longer than the key");
    const value = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return value;
  }

  text(): string {
    return this.field().toString("latin1");
  }
}

function toField(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Encodes a number as an mpint: a leading zero byte keeps it positive if its highest bit is set. */
function toMpint(base64Url: string): Buffer {
  const bytes = Buffer.from(base64Url, "base64url");
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
}

function toBigInt(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex") || "0"}`);
}

function remainder(value: bigint | undefined, prime: bigint | undefined): bigint {
  return (value ?? 0n) % ((prime ?? 2n) - 1n);
}

function toBase64Url(value: bigint | undefined): string {
  const hex = (value ?? 0n).toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString("base64url");
}
