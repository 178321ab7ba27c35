import type { ProviderResult } from "@tacit/core/provider";
import { lifeUntil } from "./announced-end.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { issuedPair } from "./issued-pair.ts";
import { assertCurrent, malformed, refusal, refusals, undeclared, unknownPath } from "./refusal.ts";

/** The parameters of a certificate to issue. */
export interface CertificateRequest {
  readonly commonName?: string | undefined;
  /** Further host names and email addresses. */
  readonly altNames: readonly string[];
  readonly ipSans: readonly string[];
  readonly uriSans: readonly string[];
  /** Names of other kinds, each as `<oid>;UTF8:<text>`. */
  readonly otherSans: readonly string[];
  /** Whether to exclude the common name from the host names and email addresses. */
  readonly excludeCnFromSans: boolean;
  /** The validity. Default: that of the role. */
  readonly ttlMs?: number | undefined;
}

/** The options of a PKI mount. */
export interface PkiOptions {
  /** role -> the certificate to request */
  readonly issue: Readonly<Record<string, CertificateRequest>>;
}

/**
 * Creates the reader of a PKI engine: `issue/<role>` issues a certificate, with the fields `tls.crt` (the certificate and the
 * intermediate authorities), `tls.key` and `ca.crt`. Each read issues another one, and Vault does not store the key.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/pki#generate-certificate-and-key
 */
export function createPkiEngine({ session, host, leases, mount }: EngineContext, { issue }: PkiOptions): Engine {
  return {
    kind: "pki",
    isDynamic: () => true,
    async get({ path, version }, context): Promise<ProviderResult> {
      assertCurrent({ version }, "pki");
      const role = /^issue\/([^/]+)$/.exec(path)?.[1];
      if (role === undefined) throw unknownPath("pki", "issue/<role>");
      const asked = Object.hasOwn(issue, role) ? issue[role] : undefined;
      if (asked === undefined) throw undeclared(`no certificate is configured for the role "${role}"`, declareTip);
      const request = { path: "{+mount}/issue/{role}", values: { mount, role }, json: toBody(asked) };
      const answer = await session.call({ method: "POST", ...request, accept: refusals }, context);
      if (refusals.includes(answer.status)) return refusal(answer, { unknown, tip });
      const pair = issuedPair(answer.data);
      if (pair === undefined) throw malformed("pki");
      const { fields, serial, endsAt } = pair;
      const payload = { kind: "fields", fields } as const;
      return {
        status: "ok",
        payload,
        version: serial ?? host.contentVersion(payload),
        ...lifeUntil(endsAt, answer, host),
        lease: leases.of(answer),
      };
    },
  };
}

const unknown = /unknown role|role .*not found/i;
const tip =
  "The role does not allow this name, address or lifetime, or the mount has no issuer: compare `issue` with `vault read <mount>/roles/<role>`.";
const declareTip = "Write the role under `issue` of the mount, with the names for the certificate.";

function toBody({
  commonName,
  altNames,
  ipSans,
  uriSans,
  otherSans,
  excludeCnFromSans,
  ttlMs,
}: CertificateRequest): Readonly<Record<string, unknown>> {
  return {
    common_name: commonName,
    alt_names: listed(altNames),
    ip_sans: listed(ipSans),
    uri_sans: listed(uriSans),
    other_sans: listed(otherSans),
    exclude_cn_from_sans: excludeCnFromSans || undefined,
    ttl: ttlMs === undefined ? undefined : `${Math.ceil(ttlMs / 1000)}s`,
    format: "pem",
  };
}

function listed(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(",");
}
