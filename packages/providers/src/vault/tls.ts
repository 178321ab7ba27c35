import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CredentialSource, type Finding, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { HttpTls } from "../shared/http/client.ts";
import { type Environment, settingOf, variableOf } from "./environment.ts";

/** `tls` of a `vault` provider. */
export interface TlsOptions {
  readonly ca?: CredentialSource | undefined;
  readonly certificate?: CredentialSource | undefined;
  readonly key?: CredentialSource | undefined;
  readonly serverName?: string | undefined;
  readonly verify: boolean;
}

/**
 * Answers the TLS material of a connection, as it is on disk now: certificates are renewed there. Read once a second at most.
 * What the options leave out is taken from Vault's usual variables, VAULT_SKIP_VERIFY excepted.
 */
export function createTlsMaterial(
  options: TlsOptions,
  environment: Environment,
  host: Pick<ProviderHost, "credential" | "clock" | "protect" | "name">,
): () => Promise<HttpTls> {
  const fileOf = (name: string): CredentialSource | undefined => {
    const file = settingOf(environment, name);
    return file === undefined ? undefined : { $file: file };
  };
  const caText = variableOf(environment, "CACERT_BYTES");
  const ca = options.ca ?? (caText === undefined ? fileOf("CACERT") : { $env: caText });
  const caDirectory = ca === undefined ? settingOf(environment, "CAPATH") : undefined;
  // A pair from one place: a certificate of the document never meets a key of the environment.
  const hasPair = options.certificate !== undefined || options.key !== undefined;
  const certificate = hasPair ? options.certificate : fileOf("CLIENT_CERT");
  const key = hasPair ? options.key : fileOf("CLIENT_KEY");
  const serverName = options.serverName ?? settingOf(environment, "TLS_SERVER_NAME");
  const read = async (source: CredentialSource | undefined): Promise<Uint8Array | undefined> =>
    source === undefined ? undefined : host.credential(source);
  const readAll = async (): Promise<HttpTls> => ({
    ca: caDirectory === undefined ? await read(ca) : await readDirectory(caDirectory),
    certificate: await read(certificate),
    key: await readKey(key, host),
    serverName,
    verify: options.verify,
  });
  return keptForASecond(readAll, host);
}

async function readKey(
  source: CredentialSource | undefined,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): Promise<Uint8Array | undefined> {
  if (source === undefined) return undefined;
  const key = await host.credential(source);
  host.protect(key, `${host.name}/tls key`);
  return key;
}

/** Every file of a directory of authorities, as VAULT_CAPATH names one; they may be links that carry hashes for names. */
async function readDirectory(directory: string): Promise<string> {
  try {
    const files = (await readdir(directory, { withFileTypes: true })).filter((entry) => !entry.isDirectory());
    const texts = await Promise.all(files.map(({ name }) => readFile(join(directory, name), "utf8")));
    return texts.filter((text) => text.includes("-----BEGIN CERTIFICATE-----")).join("\n");
  } catch {
    throw new SecretError("UNAVAILABLE", "the directory of authorities that VAULT_CAPATH names cannot be read", {
      reason: "ca-directory",
      tip: "Check that it is there, and that this user may read it.",
    });
  }
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
    return [
      {
        level: "error",
        code: "tls-unverified",
        message: "whoever answers is taken for Vault",
        tip: 'Remove "tls": { "verify": false }, and give Vault\'s authority as `tls.ca`.',
      },
    ];
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
