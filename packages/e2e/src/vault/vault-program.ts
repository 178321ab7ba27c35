import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A server that speaks Vault's HTTP API. */
export type VaultProgram = "vault" | "openbao";

/** One suite runs against each of them. */
export const vaultPrograms: readonly { readonly program: VaultProgram; readonly title: string }[] = [
  { program: "vault", title: "Vault" },
  { program: "openbao", title: "OpenBao" },
];

/** Where a server listens, and what it keeps where. */
export interface VaultSettings {
  /** Host and port. */
  readonly address: string;
  /** Where servers of one cluster would speak to each other: host and port. */
  readonly clusterAddress: string;
  /** For all that it writes. */
  readonly folder: string;
  readonly storage: "memory" | "file";
  /** Files in PEM; plain HTTP without them. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
}

/** Returns the command line of one that is neither initialised nor unsealed by itself. */
export const commandLines: Readonly<Record<VaultProgram, (settings: VaultSettings) => readonly string[]>> = {
  vault: ({ address, folder, storage, tls }) => [
    `-listen=${address}`,
    ...(storage === "file" ? [`-data=${join(folder, "data")}`] : []),
    ...(tls === undefined ? [] : [`-certificate=${tls.certificate}`, `-key=${tls.key}`]),
  ],
  openbao: ({ address, clusterAddress, folder, storage, tls }) => {
    const listener =
      tls === undefined ? { tls_disable: true } : { tls_cert_file: tls.certificate, tls_key_file: tls.key };
    mkdirSync(join(folder, "data"), { recursive: true });
    const raft = { path: join(folder, "data"), node_id: "e2e", performance_multiplier: 1 };
    const configuration = {
      listener: { tcp: { address, cluster_address: clusterAddress, ...listener } },
      storage: storage === "file" ? { raft } : { inmem: {} },
      cluster_addr: `https://${clusterAddress}`,
      api_addr: `${tls === undefined ? "http" : "https"}://${address}`,
      // Audit devices are made through the API here, as with Vault.
      unsafe_allow_api_audit_creation: true,
      log_level: "warn",
    };
    const file = join(folder, "configuration.json");
    writeFileSync(file, JSON.stringify(configuration));
    return ["server", `-config=${file}`];
  },
};
