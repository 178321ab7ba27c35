import { setTimeout as sleep } from "node:timers/promises";
import type { Application } from "../vault/application.ts";
import { nodeVaultClient, nodeVaultRead, nodeVaultReadOrLogIn, tacitClient } from "./vault-clients.ts";

/** Told each value that is read; the same again does no harm. */
export type OnValue = (value: string) => void;
/** Reads one secret each second; ends when it has given up. Nobody stops it: its process is ended. */
export type VaultFollower = (url: string, application: Application, name: string, onValue: OnValue) => Promise<void>;

/** What each of them is called in the tables. */
export const followerNames = {
  tacit: "Tacit, polls each second",
  wrapped: "node-vault each second, goes on after an error, logs in after a 403",
  alone: "node-vault each second, left alone",
} as const;

/** follower -> how it follows */
export const vaultFollowers: ReadonlyMap<string, VaultFollower> = new Map<string, VaultFollower>([
  [followerNames.tacit, tacit],
  [followerNames.wrapped, wrapped],
  [followerNames.alone, alone],
]);

const pauseMs = 1_000;

async function tacit(url: string, application: Application, name: string, onValue: OnValue): Promise<void> {
  const declare = { db: { ref: `${name}#value` } };
  const secrets = await tacitClient(url, application, { declare, pollInterval: `${pauseMs}ms` });
  await secrets.ready();
  secrets.watch("db").on("change", ({ current }) => onValue(String(current.reveal())));
  onValue(String(secrets.latest("db").reveal()));
  // Its timers let a process end that has nothing else to do.
  for (;;) await sleep(pauseMs);
}

/** The loop that services write: no error ends it. */
async function wrapped(url: string, application: Application, name: string, onValue: OnValue): Promise<void> {
  const client = await nodeVaultClient(url, application);
  for (;;) {
    try {
      onValue(await nodeVaultReadOrLogIn(client, application, name));
    } catch {
      // The next second may be better.
    }
    await sleep(pauseMs);
  }
}

/** As the documentation of node-vault shows reads: the first error is the end. */
async function alone(url: string, application: Application, name: string, onValue: OnValue): Promise<void> {
  const client = await nodeVaultClient(url, application);
  for (;;) {
    onValue(await nodeVaultRead(client, application, name));
    await sleep(pauseMs);
  }
}
