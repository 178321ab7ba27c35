import { X509Certificate } from "node:crypto";
import { generate } from "selfsigned";
import type { DoubleAnswer } from "../../http-double.ts";
import { type EngineCall, refusedWith, replied } from "./engine-call.ts";
import type { DoubleLeases } from "./leases.ts";

interface Authority {
  readonly cert: string;
  readonly key: string;
}

interface PkiRole {
  readonly maxTtl: number;
  readonly generateLease?: boolean;
  /** Default true: a certificate must have a common name, below `example.com`. */
  readonly requireCn?: boolean;
}

/** Issues real certificates below `example.com`, from an authority between them and a root. */
export class PkiDouble {
  readonly roles: Map<string, PkiRole> = new Map();
  /** The bodies that were sent. */
  readonly asked: Readonly<Record<string, unknown>>[] = [];
  /** Whether the mount knows the root of its authority. */
  knowsRoot = true;
  readonly #leases: DoubleLeases;
  readonly #now: () => number;
  #authorities: Promise<readonly [between: Authority, root: Authority]> | undefined;

  constructor(leases: DoubleLeases, now: () => number) {
    this.#leases = leases;
    this.#now = now;
  }

  async answer(call: EngineCall): Promise<DoubleAnswer | undefined> {
    const name = /^pki\/issue\/([^/]+)$/.exec(call.path)?.[1];
    if (name === undefined || call.method !== "POST") return undefined;
    this.asked.push(call.body);
    const role = this.roles.get(name);
    if (role === undefined) return refusedWith(400, `unknown role: ${name}`, call);
    const uri = call.body.uri_sans;
    if (call.body.common_name === undefined && role.requireCn !== false)
      return refusedWith(
        400,
        'the common_name field is required, or must be provided in a CSR with "use_csr_common_name" set to true',
        call,
      );
    const commonName = String(call.body.common_name ?? uri);
    if (call.body.common_name !== undefined && !commonName.endsWith(".example.com"))
      return refusedWith(400, `common name ${commonName} not allowed by this role`, call);
    const ttl = Math.min(Number.parseInt(String(call.body.ttl ?? role.maxTtl), 10), role.maxTtl);
    this.#authorities ??= makeAuthorities(this.#now());
    const [between, root] = await this.#authorities;
    const expiration = Math.floor(this.#now() / 1000) + ttl;
    const { cert, private: key } = await generate([{ name: "commonName", value: commonName }], {
      keyType: "ec",
      algorithm: "sha256",
      ca: between,
      notBeforeDate: new Date(this.#now() - 30_000),
      notAfterDate: new Date(expiration * 1000),
    });
    const data = {
      certificate: cert.trim(),
      private_key: key.trim(),
      private_key_type: "ec",
      issuing_ca: between.cert.trim(),
      ca_chain: [between.cert.trim(), ...(this.knowsRoot ? [root.cert.trim()] : [])],
      serial_number: new X509Certificate(cert).serialNumber.toLowerCase().replace(/..(?!$)/g, "$&:"),
      expiration,
    };
    const terms = { ttl: ttl - 1, maxTtl: ttl, renewable: false };
    return replied(data, role.generateLease === true ? this.#leases.begin(call, terms, () => undefined) : {});
  }
}

async function makeAuthorities(now: number): Promise<readonly [Authority, Authority]> {
  const common = {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now - 86_400_000),
    notAfterDate: new Date(now + 3650 * 86_400_000),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  } as const;
  const options = { ...common, extensions: [...common.extensions] };
  const root = toAuthority(await generate([{ name: "commonName", value: "root.example" }], options));
  const between = await generate([{ name: "commonName", value: "between.example" }], { ...options, ca: root });
  return [toAuthority(between), root];
}

function toAuthority({ cert, private: key }: { readonly cert: string; readonly private: string }): Authority {
  return { cert, key };
}
