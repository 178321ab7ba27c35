import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { SecretError } from "@tacit/core/provider";
import type { HttpTls } from "./client.ts";

/**
 * Makes the context of all connections with one TLS material. Read once, not for each connection; and where an error can be
 * caught: behind a proxy, the library would throw it into no one's hands.
 * @throws {SecretError} UNAVAILABLE `tls`, which names the part that cannot be read: a file may be half written
 */
export function secureContext(tls: HttpTls): SecureContext {
  const { ca, certificate, key } = tls;
  // Where nothing is checked, nothing is needed.
  if (ca !== undefined && tls.verify !== false) assertAuthorities(pem(ca).toString(), nameOf(tls, "ca"));
  try {
    return createSecureContext({
      // Every certificate that is trusted is an anchor, an intermediate too, as for clients in Go.
      ...(ca !== undefined && { ca: pem(ca), allowPartialTrustChain: true }),
      ...(certificate !== undefined && { cert: pem(certificate) }),
      ...(key !== undefined && { key: pem(key) }),
      minVersion: "TLSv1.2",
    });
  } catch (error) {
    throw toFailure(tls, error);
  }
}

/** Node takes authorities of which nothing can be read for none, and then trusts nobody. */
function assertAuthorities(text: string, name: string): void {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]*CERTIFICATE)-----[\s\S]*?-----END \1-----/g) ?? [];
  if (blocks.length === 0) throw unusable(name, "contains no certificate");
  if (blocks.every((block) => fails(() => new X509Certificate(block)))) {
    throw unusable(name, "cannot be read as certificates");
  }
}

/** Finds the part that is at fault, by trying each alone. */
function toFailure(tls: HttpTls, error: unknown): SecretError {
  const { certificate, key } = tls;
  if (certificate !== undefined && fails(() => new X509Certificate(pem(certificate)))) {
    return unusable(nameOf(tls, "certificate"), "cannot be read as a certificate", error);
  }
  if (key !== undefined && fails(() => createSecureContext({ key: pem(key) }))) {
    return unusable(nameOf(tls, "key"), "cannot be read as a private key", error);
  }
  return unusable(nameOf(tls, "key"), `does not belong to ${nameOf(tls, "certificate")}`, error);
}

function fails(parse: () => unknown): boolean {
  try {
    parse();
    return false;
  } catch {
    return true;
  }
}

function nameOf({ names }: HttpTls, part: "ca" | "certificate" | "key"): string {
  return `\`${names?.[part] ?? `tls.${part}`}\``;
}

function unusable(name: string, what: string, cause?: unknown): SecretError {
  return new SecretError("UNAVAILABLE", `${name} ${what}`, {
    reason: "tls",
    cause,
    tip: "It must be complete PEM with real line breaks; nothing was sent to the store.",
  });
}

function pem(material: string | Uint8Array): string | Buffer {
  return typeof material === "string" ? material : Buffer.from(material);
}
