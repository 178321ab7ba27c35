import { type CallContext, type ProviderHost, SecretError, type SecretPayload } from "@tacit/core/provider";
import { base64Bytes } from "../shared/base64.ts";
import type { AzureVault } from "../shared/cloud/azure-vault.ts";
import { epochDate } from "../shared/epoch-date.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import type { HttpRequest } from "../shared/http/client.ts";
import { strictRecord } from "../shared/json-content.ts";
import { textBytes } from "../shared/text-bytes.ts";

/** What a vault tells of a version beside its value. */
export interface VersionFacts {
  readonly version: string;
  readonly isEnabled: boolean;
  readonly createdAt: Date | undefined;
  readonly notBefore: Date | undefined;
  readonly expiresAt: Date | undefined;
}

/** One version with its value. */
export interface SecretVersion extends VersionFacts {
  readonly payload: SecretPayload;
}

/**
 * Reads a version; undefined where there is none.
 * @param version undefined for the current one
 * @throws {SecretError} INTERNAL `malformed-answer`, INVALID_VALUE `not-base64` or `not-utf8`, and what a request throws
 */
export async function readVersion(
  vault: AzureVault,
  { name, version }: { readonly name: string; readonly version: string | undefined },
  context: CallContext,
): Promise<SecretVersion | undefined> {
  const values = { name, version };
  const path = version === undefined ? "/secrets/{name}" : "/secrets/{name}/{version}";
  const answer = await vault.find({ path, values }, context);
  if (answer === undefined) return undefined;
  const body = strictRecord(answer);
  const { value, contentType } = body;
  if (typeof value !== "string") throw answer.malformed("no value");
  return { ...factsIn(body, name, answer), payload: { kind: "value", bytes: bytesOf(value, contentType) } };
}

/** Reads the versions of a secret, without their values. @throws {SecretError} what a request throws */
export async function listVersions(
  vault: AzureVault,
  name: string,
  context: CallContext,
): Promise<readonly VersionFacts[]> {
  const found: VersionFacts[] = [];
  let page: HttpRequest["query"] | undefined = { maxresults: 25 };
  for (let pages = 0; page !== undefined && pages < mostPages; pages += 1) {
    const answer: HttpAnswer | undefined = await vault.find(
      { path: "/secrets/{name}/versions", values: { name }, query: page },
      context,
    );
    if (answer === undefined) return [];
    const { value } = answer.record();
    if (!Array.isArray(value)) throw answer.malformed("no list");
    found.push(...value.map((each) => factsIn(Object(each) as Record<string, unknown>, name, answer)));
    page = vault.nextPage(answer);
  }
  return found;
}

/** 500 versions, as many as can be backed up. A list without end is none of a vault. */
const mostPages = 20;

function factsIn(body: Readonly<Record<string, unknown>>, name: string, answer: HttpAnswer): VersionFacts {
  const [, secret = "", version] = /\/secrets\/([^/]+)\/([^/]+)$/.exec(String(body.id)) ?? [];
  if (version === undefined || secret.toLowerCase() !== name.toLowerCase())
    throw answer.malformed("no secret of that name");
  const { enabled, created, nbf, exp } = Object(body.attributes) as Readonly<Record<string, unknown>>;
  return {
    version,
    isEnabled: enabled !== false,
    createdAt: epochDate(created),
    notBefore: epochDate(nbf),
    expiresAt: epochDate(exp),
  };
}

/** A certificate's secret is a PFX in base64, which is no text; the one in PEM is. */
function bytesOf(value: string, contentType: unknown): Uint8Array {
  if (contentType !== "application/x-pkcs12") return textBytes(value);
  const bytes = base64Bytes(value);
  if (bytes !== undefined) return bytes;
  throw new SecretError("INVALID_VALUE", "a secret with the content type of a PFX is not base64", {
    reason: "not-base64",
    tip: "Store the PFX as base64, or give the secret a content type other than application/x-pkcs12.",
  });
}

/**
 * Checks that a version may be used now, where the document says that this counts.
 * @throws {SecretError} INVALID_VALUE `not-yet-valid`
 */
export function assertValid({ notBefore }: VersionFacts, { clock }: Pick<ProviderHost, "clock">): void {
  if (notBefore === undefined || notBefore.getTime() <= clock.now()) return;
  throw new SecretError("INVALID_VALUE", `the newest version is not valid before ${notBefore.toISOString()}`, {
    reason: "not-yet-valid",
    tip: "Until then the last good value is served. Correct its activation date, or the clock of this machine.",
  });
}
