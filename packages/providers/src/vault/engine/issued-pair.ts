import type { X509Certificate } from "node:crypto";

/** An issued certificate with its key. */
export interface IssuedPair {
  readonly fields: ReadonlyMap<string, Uint8Array>;
  readonly serial: string | undefined;
  /** The expiry by Vault's clock, in milliseconds since the epoch: the earlier of that in the response and that in the certificate. */
  readonly endsAt: number;
}

/** Parses the data of an issued certificate; returns undefined if it contains no certificate or key. */
export function issuedPair(data: unknown): IssuedPair | undefined {
  const { certificate, private_key: key, ca_chain, issuing_ca, serial_number, expiration } = record(data);
  const leaf = parsed(certificate);
  if (leaf === undefined || typeof key !== "string" || key === "") return undefined;
  const authorities = (Array.isArray(ca_chain) && ca_chain.length > 0 ? ca_chain : [issuing_ca])
    .map(parsed)
    .filter((each) => each !== undefined);
  const roots = authorities.filter(isSelfSigned);
  const between = authorities.filter((each) => !isSelfSigned(each));
  const fields = new Map([
    ["tls.crt", pem([leaf, ...between])],
    ["tls.key", Buffer.from(`${key.trimEnd()}\n`)],
  ]);
  // If the chain has no root, the highest authority in it is trusted.
  const trusted = roots.length > 0 ? roots : between.slice(-1);
  if (trusted.length > 0) fields.set("ca.crt", pem(trusted));
  const ends = [leaf.validTo, typeof expiration === "number" ? expiration * 1000 : Number.NaN].map((time) =>
    new Date(time).getTime(),
  );
  return {
    fields,
    serial: typeof serial_number === "string" && serial_number !== "" ? serial_number : undefined,
    endsAt: Math.min(...ends.filter((time) => !Number.isNaN(time))),
  };
}

function record(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
}

function parsed(text: unknown): X509Certificate | undefined {
  if (typeof text !== "string") return undefined;
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.checkIssued(certificate);
}

function pem(certificates: readonly X509Certificate[]): Uint8Array {
  return Buffer.from(certificates.map((certificate) => certificate.toString()).join(""));
}
