import { generate } from "selfsigned";

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that nobody else trusts. */
export async function createAuthority(name: string): Promise<Certificate> {
  const extensions = [
    { name: "basicConstraints" as const, cA: true, critical: true },
    { name: "keyUsage" as const, keyCertSign: true, cRLSign: true, critical: true },
  ];
  const made = await generate([{ name: "commonName", value: name }], { ...quick, extensions });
  return { cert: made.cert, key: made.private };
}

/** A certificate of this machine, for servers and clients. */
export async function issueCertificate(authority: Certificate, name: string): Promise<Certificate> {
  const { cert, key } = authority;
  const extensions = [
    { name: "basicConstraints" as const, cA: false },
    { name: "subjectAltName" as const, altNames: [{ type: 7 as const, ip: "127.0.0.1" }] },
  ];
  const attributes = [{ name: "commonName", value: name }];
  const made = await generate(attributes, { ...quick, extensions, ca: { cert, key } });
  return { cert: made.cert, key: made.private };
}

/** The fields of a Secret of type kubernetes.io/tls. */
export function toFields({ cert, key }: Certificate): { readonly "tls.crt": string; readonly "tls.key": string } {
  return { "tls.crt": cert, "tls.key": key };
}

const quick = { keyType: "ec", curve: "P-256", algorithm: "sha256" } as const;
