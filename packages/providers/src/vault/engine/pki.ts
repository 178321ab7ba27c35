import type { ProviderResult } from "@tacit/core/provider";
import { lifeUntil } from "./announced-end.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { issuedPair } from "./issued-pair.ts";
import { assertCurrent, malformed, refusal, refusals, undeclared, unknownPath } from "./refusal.ts";

/** A certificate to ask for. */
export interface CertificateRequest {
  readonly commonName?: string | undefined;
  /** Host names and mail addresses. */
  readonly altNames: readonly string[];
  readonly ipSans: readonly string[];
  readonly uriSans: readonly string[];
  /** Of other kinds, each as `<oid>;UTF8:<text>`. */
  readonly otherSans: readonly string[];
  /** Keeps the common name out of the host names and mail addresses. */
  readonly excludeCnFromSans: boolean;
  /** Default: what the role says. */
  readonly ttlMs?: number | undefined;
}

/** What the document says of a PKI mount. */
export interface PkiOptions {
  /** role -> what is asked of it */
  readonly issue: Readonly<Record<string, CertificateRequest>>;
}

/**
 * Issues certificates: `issue/<role>` answers `tls.crt` (the certificate and the authorities between it and the root),
 * `tls.key` and `ca.crt`, of one call. Each read issues another, and Vault keeps no key.
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
