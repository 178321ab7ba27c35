import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import type { VaultServer } from "./vault-server.ts";

/** Files in PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  readonly certificateAuthority: string;
}

/** A PKI engine that issues for this machine and for clients of any name. */
export interface CertificateAuthority {
  /** Its own certificate, in PEM. */
  readonly certificate: string;
  /** The file that holds it. */
  readonly file: string;
  /** A certificate of an hour for a server of this machine, or a client. */
  issue(commonName: string): Promise<CertificateFiles>;
}

/** Mounts one at `pki/`, with the role `server`. */
export async function createAuthority({ administrator }: VaultServer): Promise<CertificateAuthority> {
  const folder = mkdtempSync(join(inject("runFolder"), "authority-"));
  const put = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), String(content), { mode: 0o600 });
    return join(folder, name);
  };
  await administrator.mount("pki", "pki");
  const root = await administrator.write("pki/root/generate/internal", { common_name: "e2e root", ttl: "24h" });
  const certificate = String(root.data?.certificate);
  const file = put("root.pem", certificate);
  await administrator.write("pki/roles/server", { allow_any_name: true, enforce_hostnames: false, max_ttl: "2h" });
  return {
    certificate,
    file,
    async issue(commonName) {
      const asked = { common_name: commonName, ip_sans: "127.0.0.1", ttl: "1h" };
      const { data } = await administrator.write("pki/issue/server", asked);
      return {
        certificate: put(`${commonName}.crt`, data?.certificate),
        key: put(`${commonName}.key`, data?.private_key),
        certificateAuthority: file,
      };
    },
  };
}
