import type { KeyObject, X509Certificate } from "node:crypto";
import { SecretError } from "../error/secret-error.ts";
import type { Codec, Decoded } from "./codec.ts";
import { pemText } from "./pem-text.ts";
import { requiredText, textFields } from "./text-fields.ts";

/** A certificate with its key, as PEM text: what `tls.createSecureContext` and `https.createServer` take. */
export interface TlsPair {
  /** The certificate, and the chain behind it where the store has one. */
  readonly cert: string;
  readonly key: string;
  /** The authorities of `ca.crt`, where there is one. */
  readonly ca?: string;
}

const names = ["tls.crt", "tls.key"];
const tip =
  "Store the certificate under tls.crt and its key under tls.key, as a Secret of type kubernetes.io/tls does.";

const codec = Object.freeze<Codec<TlsPair>>({
  kind: "object",
  decode(content, { reference }): Decoded<TlsPair> {
    const fields = textFields(content, reference);
    const [cert = "", key = ""] = requiredText(fields, { names, allowEmpty: false, tip }, reference);
    const ca = fields.get("ca.crt");
    const certificate = readCertificate(cert, "tls.crt", reference);
    if (!certificate.checkPrivateKey(readKey(key, reference))) throw mismatch(reference);
    const pair = { cert: pemText(cert), key: pemText(key) };
    // cert-manager writes an empty ca.crt for an issuer without a known authority.
    if (ca === undefined || ca.length === 0) return toDecoded(pair);
    if (typeof ca !== "string") throw noCertificate("ca.crt", reference);
    readCertificate(ca, "ca.crt", reference);
    return toDecoded({ ...pair, ca: pemText(ca) });
  },
});

/**
 * Reads the fields `tls.crt`, `tls.key` and, where it is there, `ca.crt`. The first certificate of `tls.crt` must be that of the
 * key, so a pair of which only one half is new is refused, and the one before it stays. Neither expiry nor trust is checked.
 * Only the key is masked in output: the certificates are public.
 */
export function tlsPair(): Codec<TlsPair> {
  return codec;
}

/** A file of certificates sometimes holds a key too; then it is no public one. */
function toDecoded(pair: TlsPair): Decoded<TlsPair> {
  const { cert, key, ca } = pair;
  const sensitive = {
    "tls.key": key,
    ...(holdsKey(cert) ? { "tls.crt": cert } : {}),
    ...(ca !== undefined && holdsKey(ca) ? { "ca.crt": ca } : {}),
  };
  return { kind: "value", value: Object.freeze(pair), sensitive };
}

function holdsKey(pem: string): boolean {
  return pem.includes("PRIVATE KEY-----");
}

/** What OpenSSL throws is not kept: it says nothing that a reader of the store could use. */
function readCertificate(pem: string, field: string, reference: string): X509Certificate {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    return new X509Certificate(pem);
  } catch {
    throw noCertificate(field, reference);
  }
}

function readKey(pem: string, reference: string): KeyObject {
  const { createPrivateKey } = process.getBuiltinModule("node:crypto");
  try {
    return createPrivateKey(pem);
  } catch {
    throw new SecretError("INVALID_VALUE", `"tls.key" of ${reference} is no private key that can be read.`, {
      reason: "private-key",
      reference,
      tip: "Store it as PEM text and without a passphrase.",
    });
  }
}

function noCertificate(field: string, reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `"${field}" of ${reference} holds no certificate that can be read.`, {
    reason: "certificate",
    reference,
    tip: "Store it as PEM text, the server's own certificate first.",
  });
}

function mismatch(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `"tls.crt" and "tls.key" of ${reference} do not belong together.`, {
    reason: "key-mismatch",
    reference,
    tip: "Write both in one step; of several certificates in tls.crt, the first must be that of the key.",
  });
}
