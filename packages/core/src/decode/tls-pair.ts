import type { KeyObject, X509Certificate } from "node:crypto";
import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Codec, DecodedValue } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { emptyValue, isText, notText } from "./payload-problem.ts";
import { pemBlocks, pemText } from "./pem.ts";
import { isBlank, stringOf } from "./text.ts";
import { requiredText, textFields } from "./text-fields.ts";

/**
 * A certificate and its private key as PEM text, in the shape of the options of `tls.createSecureContext` and
 * `https.createServer`.
 */
export interface TlsPair {
  /** The certificate, followed by its chain if the store has one. */
  readonly cert: string;
  readonly key: string;
  /** The CA certificates of `ca.crt`, if present. */
  readonly ca?: string;
}

const codec = ownCodec<TlsPair>({
  kind: "object",
  fields: ["tls.crt", "tls.key", "ca.crt"],
  decode: (content, { reference }) =>
    content.kind === "value" && !beginsAsJson(content.bytes)
      ? readBundle(content.bytes, reference)
      : readFields(content, reference),
});

/**
 * Reads the fields `tls.crt`, `tls.key` and, if present, `ca.crt`, or one PEM text with a key and its certificates in any
 * order, such as the credential bundle of a Kubernetes pod certificate. The certificate must match the key, so a pair of which
 * only one half is new is refused and the previous pair is kept. `meta.expiresAt` is the end of the certificate's validity;
 * trust is not checked. Only the key is masked in output, because certificates are public.
 */
export function tlsPair(): Codec<TlsPair> {
  return codec;
}

const names = ["tls.crt", "tls.key"];
const fieldsTip =
  "Store the certificate under tls.crt and its key under tls.key, as a Secret of type kubernetes.io/tls does.";

function readFields(content: SecretPayload, reference: string): DecodedValue<TlsPair> {
  const fields = textFields(content, reference);
  const required = { names, allowEmpty: false, tip: fieldsTip };
  const [cert = "", key = ""] = requiredText(fields, required, reference);
  const ca = fields.get("ca.crt");
  const certificate = readCertificate(cert, '"tls.crt"', reference);
  if (!certificate.checkPrivateKey(readKey(key, '"tls.key"', reference))) throw mismatch(reference);
  const pair = { cert: pemText(cert), key: pemText(key) };
  // cert-manager writes an empty ca.crt for an issuer without a known authority.
  if (ca === undefined || ca.length === 0) return toDecoded(pair, certificate);
  if (typeof ca !== "string") throw noCertificate('"ca.crt"', reference);
  readCertificate(ca, '"ca.crt"', reference);
  return toDecoded({ ...pair, ca: pemText(ca) }, certificate);
}

/** Reads one PEM text that contains a key and its certificates. */
function readBundle(bytes: Uint8Array, reference: string): DecodedValue<TlsPair> {
  if (isBlank(bytes)) throw emptyValue(reference);
  if (!isText(bytes)) throw notText(bytes, reference);
  const blocks = pemBlocks(stringOf(bytes));
  if (blocks === undefined || blocks.length === 0) throw notPem(reference, blocks === undefined);
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const certificates = blocks
    .filter(({ label }) => label === "CERTIFICATE")
    .map(({ text }) => readCertificate(text, "a certificate", reference));
  const [only] = keys;
  if (only === undefined || keys.length > 1) throw notOneKey(keys.length, reference);
  if (certificates.length === 0) throw noCertificate("the bundle", reference);
  const key = readKey(only.text, "the key", reference);
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw mismatch(reference);
  const chain = inOrder(own, certificates);
  return toDecoded({ cert: chain.map((certificate) => pemText(certificate.toString())).join(""), key: only.text }, own);
}

/** Sorts the chain as TLS sends it, each certificate before its issuer; unrelated certificates follow in their original order. */
function inOrder(own: X509Certificate, certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  const rest = new Set(certificates);
  const chain: X509Certificate[] = [];
  let next: X509Certificate | undefined = own;
  while (next !== undefined) {
    const current: X509Certificate = next;
    chain.push(current);
    rest.delete(current);
    next = [...rest].find((candidate) => current.checkIssued(candidate));
  }
  return [...chain, ...rest];
}

/** Returns the pair with its secret parts; a certificate file that also contains a private key is secret too. */
function toDecoded(pair: TlsPair, certificate: X509Certificate): DecodedValue<TlsPair> {
  const { cert, key, ca } = pair;
  const sensitive = {
    "tls.key": key,
    ...(holdsKey(cert) ? { "tls.crt": cert } : {}),
    ...(ca !== undefined && holdsKey(ca) ? { "ca.crt": ca } : {}),
  };
  return { kind: "value", value: Object.freeze(pair), sensitive, expiresAt: certificate.validToDate };
}

function holdsKey(pem: string): boolean {
  return pem.includes("PRIVATE KEY-----");
}

/** Parses a certificate. OpenSSL's error is dropped, because it does not help to correct the value in the store. */
function readCertificate(pem: string, subject: string, reference: string): X509Certificate {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    return new X509Certificate(pem);
  } catch {
    throw noCertificate(subject, reference);
  }
}

function readKey(pem: string, subject: string, reference: string): KeyObject {
  const { createPrivateKey } = process.getBuiltinModule("node:crypto");
  try {
    return createPrivateKey(pem);
  } catch {
    throw invalid("private-key", `${subject} of "${reference}" is not a readable private key`, reference, {
      tip: "Store it as PEM text without a passphrase.",
    });
  }
}

function beginsAsJson(bytes: Uint8Array): boolean {
  const start = bytes[0] === 0xef ? 3 : 0;
  return bytes.subarray(start).find((byte) => byte > 0x20) === 0x7b;
}

function notPem(reference: string, isCutOff: boolean): SecretError {
  const problem = isCutOff ? "has a PEM block without an END line" : "is neither PEM text nor a JSON object";
  return invalid("not-pem", `the value of "${reference}" ${problem}`, reference, {
    tip: "Store the complete key and its certificates, each with its BEGIN and END lines, or use the fields tls.crt and tls.key.",
  });
}

function notOneKey(count: number, reference: string): SecretError {
  const problem = count === 0 ? "no private key" : "more than one private key";
  return invalid("private-key", `the value of "${reference}" contains ${problem}`, reference, {
    tip: "Store one key with its certificates, or use the fields tls.crt and tls.key.",
  });
}

function noCertificate(subject: string, reference: string): SecretError {
  return invalid("certificate", `${subject} of "${reference}" contains no readable certificate`, reference, {
    tip: "Store it as PEM text, the server's own certificate first.",
  });
}

function mismatch(reference: string): SecretError {
  return invalid("key-mismatch", `the certificate and the key of "${reference}" do not belong together`, reference, {
    tip: "Write both in one step; the first certificate in tls.crt must belong to the key.",
  });
}

function invalid(reason: string, message: string, reference: string, { tip }: { readonly tip: string }): SecretError {
  return new SecretError("INVALID_VALUE", message, { reason, reference, tip });
}
