import { setTimeout as sleep } from "node:timers/promises";
import type { Application } from "./application.ts";
import type { BenchVault } from "./bench-vault.ts";
import type { ConnectionProxy } from "./connection-proxy.ts";

/** Where a fault happens. */
export interface VaultFaultScene {
  readonly vault: BenchVault;
  /** Who all contenders are. */
  readonly application: Application;
  /** What stands before Vault. */
  readonly proxy: ConnectionProxy;
}

/** Something that goes wrong, and is over when it resolves. */
export interface VaultFault {
  readonly title: string;
  /** What is waited for afterwards: the next value of a secret, or that work with a leased credential succeeds. */
  readonly kind: "secret" | "lease";
  happen(scene: VaultFaultScene): Promise<void>;
}

/** Between two attempts of a client that tries each second, and longer than one that is given up after 10 s. */
const outageMs = 12_500;

/** Of one application's way to Vault, or of its rights: others do not notice. */
export const ownFaults: readonly VaultFault[] = [
  { title: "connections reset", kind: "secret", happen: async ({ proxy }) => proxy.resetAll() },
  { title: "connections dead without a sign", kind: "secret", happen: async ({ proxy }) => proxy.freezeAll() },
  {
    title: "token revoked",
    kind: "secret",
    happen: ({ vault, application }) => vault.administrator.revokeTokens(application),
  },
  { title: "lease revoked", kind: "lease", happen: revokeLeases },
  { title: "429 of a quota with Retry-After, for 12.5 s", kind: "secret", happen: throttle },
];

/** Of the server itself: everybody notices. */
export const vaultFaults: readonly VaultFault[] = [
  { title: "sealed for 12.5 s", kind: "secret", happen: ({ vault }) => interrupt(vault, "seal", "unseal", outageMs) },
  {
    title: "killed, back and unsealed after 5 s",
    kind: "secret",
    happen: ({ vault }) => interrupt(vault, "kill", "start", 5_000),
  },
  { title: "frozen for 35 s", kind: "secret", happen: ({ vault }) => interrupt(vault, "pause", "resume", 35_000) },
];

/** Credentials are as old as they mostly are: Tacit does not have another one made within ten seconds. */
async function revokeLeases({ vault, application }: VaultFaultScene): Promise<void> {
  await sleep(outageMs);
  await vault.administrator.revokeLeases(application);
}

type Orders = Parameters<BenchVault["order"]>;

async function interrupt(vault: BenchVault, begin: Orders[0], end: Orders[0], forMs: number): Promise<void> {
  await vault.order(begin);
  await sleep(forMs);
  await vault.order(end);
}

/** The quota counts all who come from this address, for one mount; Retry-After is what is left of its interval. */
async function throttle({ vault: { administrator }, application: { name, mount } }: VaultFaultScene): Promise<void> {
  const quota = `sys/quotas/rate-limit/${name}`;
  await administrator.write("sys/quotas/config", { enable_rate_limit_response_headers: true });
  await administrator.write(quota, { path: `${mount}/`, rate: 1, interval: "13s" });
  for (const deadline = performance.now() + 5_000; (await administrator.statusOf(`${mount}/data/none`)) !== 429; ) {
    if (performance.now() > deadline) throw new Error("Vault did not come to answer 429");
  }
  await sleep(outageMs);
  await administrator.remove(quota);
}
