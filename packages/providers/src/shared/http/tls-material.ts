import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { SecretError } from "@tacit/core/provider";
import type { HttpTls } from "./client.ts";

/**
 * Creates the TLS context of all connections with the same material. The material is parsed here, where an error can be caught;
 * hpagent would parse it in a callback, where an error is uncaught.
 * @throws {SecretError} UNAVAILABLE `tls`, which names the invalid part; a file may be partly written
 */
export function secureContext(tls: HttpTls): SecureContext {
  const { ca, certificate, key } = tls;
  // With `verify: false`, the authorities are not used.
  if (ca !== undefined && tls.verify !== false) assertAuthorities(pem(ca).toString(), nameOf(tls, "ca"));
  try {
    return createSecureContext({
      // As in Go, a trusted intermediate certificate is a trust anchor, too.
      ...(ca !== undefined && { ca: pem(ca), allowPartialTrustChain: true }),
      ...(certificate !== undefined && { cert: pem(certificate) }),
      ...(key !== undefined && { key: pem(key) }),
      minVersion: "TLSv1.2",
    });
  } catch (error) {
    throw toFailure(tls, error);
  }
}

/** Checks that there is a valid certificate. Node ignores invalid ones without an error, and then trusts no server. */
function assertAuthorities(text: string, name: string): void {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]*CERTIFICATE)-----[\s\S]*?-----END \1-----/g) ?? [];
  if (blocks.length === 0) throw unusable(name, "contains no certificate");
  if (blocks.every((block) => fails(() => new X509Certificate(block)))) {
    throw unusable(name, "cannot be read as certificates");
  }
}

/** Returns the error with the name of the invalid part, which is found by parsing each part separately. */
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
