import { type CredentialSource, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { TlsOptions } from "../options.ts";
import type { HttpTls } from "./client.ts";

/** Where one piece of TLS material is read, and what it is called in an error. */
export interface TlsPlace {
  readonly source: CredentialSource;
  /** The option or the variable. */
  readonly name: string;
}

/** Where the TLS material of a connection is read. */
export interface TlsPlaces extends Pick<TlsOptions, "serverName" | "verify"> {
  /** A function for authorities that do not stand in one place. */
  readonly ca?: TlsPlace | (() => Promise<string>) | undefined;
  readonly certificate?: TlsPlace | undefined;
  readonly key?: TlsPlace | undefined;
}

type MaterialHost = Pick<ProviderHost, "credential" | "clock" | "protect" | "name">;

/** The options that count as credentials, so that they stay the place where the material is read: certificates are renewed there. */
export const tlsCredentials: readonly string[] = ["tls.ca", "tls.certificate", "tls.key"];

/** Returns where the options say that the material is. */
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

/** Returns where one part is; undefined where the options leave it out. */
export function tlsPlace(options: TlsOptions, part: "ca" | "certificate" | "key"): TlsPlace | undefined {
  const source = options[part];
  return source === undefined ? undefined : { source, name: `\`tls.${part}\`` };
}

/** Reads the TLS material of a connection as it is now: certificates are renewed on disk. Read once a second at most. */
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

/** Whether a text has a certificate in it that can be read. */
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

/** Reads the client's certificate and its key. A pair that is renewed between the two reads would be half of each: then both are read again. */
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

/** Nobody renews more often than that; what does not fit together is told when it is used. */
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

/** A variable names a file without any `$file`, which an error of the source speaks of. */
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
    // A failure is not kept.
    material.catch(() => {
      kept = undefined;
    });
    return material;
  };
}
