import { createPublicKey, type KeyObject, sign } from "node:crypto";

/** The subject of a certificate request. */
export interface CertificateSubject {
  readonly commonName: string;
  /** The only subject alternative name, a URI. */
  readonly uri: string;
}

/** Creates a certificate request in PEM, signed with its RSA key. Node has no API for this. @see RFC 2986 */
export function certificateRequest({ commonName, uri }: CertificateSubject, key: KeyObject): string {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const name = sequence(set(sequence(commonNameId, tagged(0x0c, Buffer.from(commonName)))));
  const alternativeName = sequence(subjectAltNameId, tagged(0x04, sequence(tagged(0x86, Buffer.from(uri)))));
  const attributes = tagged(0xa0, sequence(extensionRequestId, set(sequence(alternativeName))));
  const information = sequence(tagged(0x02, Buffer.from([0])), name, publicKey, attributes);
  const signature = tagged(0x03, Buffer.from([0]), sign("sha256", information, key));
  const request = sequence(information, sequence(sha256WithRsaId, Buffer.from([0x05, 0x00])), signature);
  const lines = request.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}

/** Object identifiers in DER: 2.5.4.3, 2.5.29.17, 1.2.840.113549.1.9.14 and 1.2.840.113549.1.1.11. */
const commonNameId = Buffer.from("0603550403", "hex");
const subjectAltNameId = Buffer.from("0603551d11", "hex");
const extensionRequestId = Buffer.from("06092a864886f70d01090e", "hex");
const sha256WithRsaId = Buffer.from("06092a864886f70d01010b", "hex");

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...parts);
}

function set(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x31, ...parts);
}

/** Encodes a DER element: tag, length, content. */
function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.byteLength;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = Buffer.from(length.toString(16).replace(/^(.(..)*)$/, "0$1"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 + digits.byteLength]), digits, content]);
}
