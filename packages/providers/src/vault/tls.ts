import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type CredentialSource,
  type Finding,
  isSecretError,
  type ProviderHost,
  SecretError,
} from "@tacit/core/provider";
import { unverifiedFindings } from "../shared/findings.ts";
import type { HttpTls } from "../shared/http/client.ts";
import type { TlsOptions } from "../shared/options.ts";
import { type Environment, settingOf, variableOf } from "./environment.ts";

/** Where one piece of TLS material is read, and what it is called in an error. */
interface Place {
  readonly source: CredentialSource;
  /** The option or the variable. */
  readonly name: string;
}

type MaterialHost = Pick<ProviderHost, "credential" | "clock" | "protect" | "name">;

/**
 * Reads the TLS material of a connection, as it is on disk now: certificates are renewed there. Read once a second at most.
 * What the options leave out is taken from Vault's usual variables, VAULT_SKIP_VERIFY excepted.
 */
export function createTlsMaterial(
  options: TlsOptions,
  environment: Environment,
  host: MaterialHost,
): () => Promise<HttpTls> {
  const fileOf = (name: string): Place | undefined => {
    const variable = variableOf(environment, name);
    const file = settingOf(environment, name);
    return variable === undefined || file === undefined ? undefined : { source: { $file: file }, name: variable };
  };
  const optionOf = (name: "ca" | "certificate" | "key"): Place | undefined => {
    const source = options[name];
    return source === undefined ? undefined : { source, name: `\`tls.${name}\`` };
  };
  const caText = variableOf(environment, "CACERT_BYTES");
  const ca = optionOf("ca") ?? (caText === undefined ? fileOf("CACERT") : { source: { $env: caText }, name: caText });
  const caDirectory = ca === undefined ? settingOf(environment, "CAPATH") : undefined;
  // A pair from one place: a certificate of the document never meets a key of the environment.
  const hasPair = options.certificate !== undefined || options.key !== undefined;
  const certificate = hasPair ? optionOf("certificate") : fileOf("CLIENT_CERT");
  const key = hasPair ? optionOf("key") : fileOf("CLIENT_KEY");
  const serverName = options.serverName ?? settingOf(environment, "TLS_SERVER_NAME");
  const readAll = async (): Promise<HttpTls> => ({
    ca: caDirectory === undefined ? await read(ca, "certificate", host) : await readDirectory(caDirectory),
    certificate: await read(certificate, "certificate", host),
    key: await read(key, "private key", host),
    serverName,
    verify: options.verify,
  });
  return keptForASecond(readAll, host);
}

async function read(
  place: Place | undefined,
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
  throw new SecretError("UNAVAILABLE", `what ${place.name} names holds no ${kind} in PEM`, {
    reason: "tls-material",
    tip: "Write PEM with its lines as they are: neither base64 of the whole, nor \\n in place of line ends.",
  });
}

function holdsCertificate(text: string): boolean {
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

/** A variable names a file without any `$file`, which an error of the source speaks of. */
function unreadable({ source, name }: Place, error: unknown): unknown {
  if (isSecretError(error) && "$secret" in source) {
    const { code, message, reason, retryable, retryAfterMs, tip } = error;
    return new SecretError(code, `${name}: ${message}`, { reason, retryable, retryAfterMs, tip, cause: error });
  }
  const code = isSecretError(error, "INVALID_CONFIG") ? error.code : "UNAVAILABLE";
  return new SecretError(code, `what ${name} names cannot be read`, {
    reason: "tls-material",
    tip: "Check that it is there, not empty, and readable for this user.",
    cause: error,
  });
}

/**
 * Reads every certificate of a directory of authorities, as VAULT_CAPATH names one. Its files may be links, as they carry hashes
 * for names; a mounted volume has a link to a folder besides. What is no file or holds no certificate is left out.
 */
async function readDirectory(directory: string): Promise<string> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw noAuthorities(error);
  });
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8").catch(() => "")));
  const found = texts.filter(holdsCertificate);
  if (found.length === 0) throw noAuthorities();
  return found.join("\n");
}

function noAuthorities(cause?: unknown): SecretError {
  const isFile = (cause as { readonly code?: unknown } | undefined)?.code === "ENOTDIR";
  return new SecretError("UNAVAILABLE", "the directory that VAULT_CAPATH names holds no authority that can be read", {
    reason: "ca-directory",
    cause,
    tip: isFile
      ? "It is a file: name it with VAULT_CACERT."
      : "Check that it is there, that this user may read it, and that its files are PEM.",
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

/** What is to be said of certificate checks; health tells it, too. No variable alone can switch them off. */
export function tlsFindings({ verify }: Pick<TlsOptions, "verify">, environment: Environment): readonly Finding[] {
  if (!verify) {
    const tip = 'Remove "tls": { "verify": false }, and give Vault\'s authority as `tls.ca`.';
    return unverifiedFindings({ verify }, "Vault", tip);
  }
  // As Go reads a boolean.
  if (!/^(1|t|true)$/i.test(settingOf(environment, "SKIP_VERIFY") ?? "")) return [];
  return [
    {
      level: "warning",
      code: "skip-verify-ignored",
      message: "VAULT_SKIP_VERIFY is set and has no effect here: certificates are checked",
      tip: 'Unset VAULT_SKIP_VERIFY. Certificate checks are switched off by "tls": { "verify": false } in the document alone.',
    },
  ];
}
