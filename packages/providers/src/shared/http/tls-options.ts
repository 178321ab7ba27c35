import { type CredentialSource, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { TlsOptions } from "../options.ts";
import type { HttpTls } from "./client.ts";

/** The source of one part of the TLS material, and its name in errors. */
export interface TlsPlace {
  readonly source: CredentialSource;
  /** The option or variable. */
  readonly name: string;
}

/** The sources of the TLS material of a connection. */
export interface TlsPlaces extends Pick<TlsOptions, "serverName" | "verify"> {
  /** A source, or a function that reads authorities from several places. */
  readonly ca?: TlsPlace | (() => Promise<string>) | undefined;
  readonly certificate?: TlsPlace | undefined;
  readonly key?: TlsPlace | undefined;
}

type MaterialHost = Pick<ProviderHost, "credential" | "clock" | "protect" | "name">;

/** The options that are treated as credentials: they stay sources, so that renewed certificates are read. */
export const tlsCredentials: readonly string[] = ["tls.ca", "tls.certificate", "tls.key"];

/** Returns the sources of the TLS material in the options. */
export function tlsPlaces(options: TlsOptions): TlsPlaces {
  const { serverName, verify } = options;
  return {
    ca: tlsPlace(options, "ca"),
    certificate: tlsPlace(options, "certificate"),
    key: tlsPlace(options, "key"),
    serverName,
    verify,
  };
}

/** Returns the source of one part; undefined if the options do not contain it. */
export function tlsPlace(options: TlsOptions, part: "ca" | "certificate" | "key"): TlsPlace | undefined {
  const source = options[part];
  return source === undefined ? undefined : { source, name: `\`tls.${part}\`` };
}

/** Returns a function that reads the current TLS material, at most once a second. @throws {SecretError} UNAVAILABLE `tls-material`, and errors of the sources, from that function */
export function tlsMaterial(places: TlsPlaces, host: MaterialHost): () => Promise<HttpTls> {
  const { ca, certificate, key, serverName, verify } = places;
  return keptForASecond(
    async () => ({
      ca: typeof ca === "function" ? await ca() : await read(ca, "certificate", host),
      ...(await readPair({ certificate, key }, host)),
      serverName,
      verify,
    }),
    host,
  );
}

/** Returns whether a text contains a valid certificate in PEM. */
export function holdsCertificate(text: string): boolean {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.some((block) => {
    try {
      return new X509Certificate(block).subject !== undefined;
    } catch {
      return false;
    }
  });
}

/** Reads the client certificate and its key. If the certificate changes in between, both are read again, so that they belong together. */
async function readPair(
  { certificate: place, key: keyPlace }: Pick<TlsPlaces, "certificate" | "key">,
  host: MaterialHost,
): Promise<Pick<HttpTls, "certificate" | "key">> {
  let certificate = await read(place, "certificate", host);
  for (let attempt = 1; ; attempt += 1) {
    const key = await read(keyPlace, "private key", host);
    const after = await read(place, "certificate", host);
    if (attempt === mostAttempts || isSame(certificate, after)) return { certificate, key };
    certificate = after;
  }
}

/** After that many attempts the pair is used as it is; a mismatch is reported when the connection is opened. */
const mostAttempts = 3;

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return Buffer.from(one ?? []).equals(other ?? new Uint8Array());
}

async function read(
  place: TlsPlace | undefined,
  kind: "certificate" | "private key",
  host: MaterialHost,
): Promise<Uint8Array | undefined> {
  if (place === undefined) return undefined;
  const bytes = await host.credential(place.source).catch((error: unknown) => {
    throw unreadable(place, error);
  });
  if (kind === "private key") host.protect(bytes, `${host.name}/tls key`);
  const text = new TextDecoder().decode(bytes);
  if (kind === "certificate" ? holdsCertificate(text) : /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return bytes;
  throw new SecretError("UNAVAILABLE", `${place.name} contains no ${kind} in PEM`, {
    reason: "tls-material",
    tip: "Write PEM with its lines as they are: neither base64 of the whole text nor \\n in place of line breaks.",
  });
}

/** Returns the error of a source, with the name of the option or variable instead of the terms of the source, such as `$file`. */
function unreadable({ source, name }: TlsPlace, error: unknown): unknown {
  if (isSecretError(error) && "$secret" in source) {
    const { code, message, reason, retryable, retryAfterMs, tip } = error;
    return new SecretError(code, `${name}: ${message}`, { reason, retryable, retryAfterMs, tip, cause: error });
  }
  const code = isSecretError(error, "INVALID_CONFIG") ? error.code : "UNAVAILABLE";
  return new SecretError(code, `${name} cannot be read`, {
    reason: "tls-material",
    tip: "Check that it exists, is not empty, and can be read by this user.",
    cause: error,
  });
}

function keptForASecond(read: () => Promise<HttpTls>, { clock }: Pick<ProviderHost, "clock">): () => Promise<HttpTls> {
  let kept: { readonly at: number; readonly material: Promise<HttpTls> } | undefined;
  return () => {
    const now = clock.monotonic();
    if (kept !== undefined && now - kept.at < 1000) return kept.material;
    const material = read();
    kept = { at: now, material };
    material.catch(() => {
      kept = undefined;
    });
    return material;
  };
}
