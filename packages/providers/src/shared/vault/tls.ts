import * as fs from "node:fs";
import { join } from "node:path";
import { type Finding, type ProviderHost, SecretError } from "@tacit/core/provider";
import { nodeFileSystem } from "../files/file-system.ts";
import { readFileLater } from "../files/read-file.ts";
import { unverifiedFindings } from "../findings.ts";
import type { HttpTls } from "../http/client.ts";
import { holdsCertificate, type TlsPlace, tlsMaterial, tlsPlace } from "../http/tls-options.ts";
import type { TlsOptions } from "../options.ts";
import { type Environment, settingOf, variableOf } from "./environment.ts";

/**
 * Returns a function that reads the current TLS material of a connection, at most once a second. Parts that the options do not
 * contain come from the variables of Vault, except VAULT_SKIP_VERIFY.
 */
export function createTlsMaterial(
  options: TlsOptions,
  environment: Environment,
  host: Pick<ProviderHost, "credential" | "clock" | "protect" | "name">,
): () => Promise<HttpTls> {
  const fileOf = (name: string): TlsPlace | undefined => {
    const variable = variableOf(environment, name);
    const file = settingOf(environment, name);
    return variable === undefined || file === undefined ? undefined : { source: { $file: file }, name: variable };
  };
  const caText = variableOf(environment, "CACERT_BYTES");
  const ca =
    tlsPlace(options, "ca") ?? (caText === undefined ? fileOf("CACERT") : { source: { $env: caText }, name: caText });
  const caDirectory = ca === undefined ? settingOf(environment, "CAPATH") : undefined;
  // Certificate and key must both come from the document or both from the environment.
  const hasPair = options.certificate !== undefined || options.key !== undefined;
  return tlsMaterial(
    {
      ca: caDirectory === undefined ? ca : () => readDirectory(caDirectory),
      certificate: hasPair ? tlsPlace(options, "certificate") : fileOf("CLIENT_CERT"),
      key: hasPair ? tlsPlace(options, "key") : fileOf("CLIENT_KEY"),
      serverName: options.serverName ?? settingOf(environment, "TLS_SERVER_NAME"),
      verify: options.verify,
    },
    host,
  );
}

/**
 * Reads all certificates in the directory of VAULT_CAPATH. The files may be links, since their names may be hashes. Directories,
 * such as `..data` of a mounted volume, and files without a certificate are skipped.
 */
async function readDirectory(directory: string): Promise<string> {
  const names = await fs.promises.readdir(directory).catch((error: unknown) => {
    throw noAuthorities(error);
  });
  const texts = await Promise.all(names.map((name) => textOf(join(directory, name)).catch(() => "")));
  const found = texts.filter(holdsCertificate);
  if (found.length === 0) throw noAuthorities();
  return found.join("\n");
}

/** Reads a file without blocking, as an ordinary read of a FIFO would. */
async function textOf(file: string): Promise<string> {
  const content = await readFileLater(nodeFileSystem, { file, path: file, maxBytes: largestBundle });
  return Buffer.from(content?.bytes ?? []).toString();
}

/** Five times the size of all authorities that a system trusts. */
const largestBundle = 1024 * 1024;

function noAuthorities(cause?: unknown): SecretError {
  const isFile = (cause as { readonly code?: unknown } | undefined)?.code === "ENOTDIR";
  return new SecretError("UNAVAILABLE", "the directory in VAULT_CAPATH contains no readable certificate authority", {
    reason: "ca-directory",
    cause,
    tip: isFile
      ? "It is a file: set VAULT_CACERT instead."
      : "Check that it exists, that this user can read it, and that its files are PEM.",
  });
}

/** Returns the findings about certificate verification, which health reports, too. No variable can disable it. */
export function tlsFindings({ verify }: Pick<TlsOptions, "verify">, environment: Environment): readonly Finding[] {
  if (!verify) {
    const tip = 'Remove "tls": { "verify": false }, and set `tls.ca` to the certificate authority of Vault.';
    return unverifiedFindings({ verify }, "Vault", tip);
  }
  // The values that Go parses as true.
  if (!/^(1|t|true)$/i.test(settingOf(environment, "SKIP_VERIFY") ?? "")) return [];
  return [
    {
      level: "warning",
      code: "skip-verify-ignored",
      message: "VAULT_SKIP_VERIFY is set and has no effect here: certificates are checked",
      tip: 'Unset VAULT_SKIP_VERIFY. Only "tls": { "verify": false } in the document disables certificate checks.',
    },
  ];
}
