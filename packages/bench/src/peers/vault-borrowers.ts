import { setTimeout as sleep } from "node:timers/promises";
import type { Secret } from "@tacit/core";
import axios from "axios";
import type { client as NodeVault } from "node-vault";
import type { Application } from "../vault/application.ts";
import { nodeVaultClient, tacitClient } from "./vault-clients.ts";
import { followerNames, type OnValue, type VaultFollower } from "./vault-followers.ts";

/** The common name of every certificate here. */
const commonName = "app.example";
const pauseMs = 1_000;

/**
 * borrower -> how it works with a credential that Vault leases: a certificate, under a lease, by the role `app` of the
 * application's authority. Each tells `s3cret-fixture-0` when its first credential has worked, `s3cret-fixture-1` for the second one.
 */
export const vaultBorrowers: ReadonlyMap<string, VaultFollower> = new Map<string, VaultFollower>([
  [followerNames.tacit, tacit],
  [followerNames.wrapped, wrapped],
  [followerNames.alone, alone],
]);

class Refused extends Error {}

/** Whoever is shown the certificate looks whether it was revoked. */
async function work(url: string, { authority }: Application, serial: string): Promise<void> {
  const { data } = await axios.get(`${url}/v1/${authority}/cert/${serial}`);
  if (data.data.revocation_time > 0) throw new Refused("the certificate was revoked");
}

/** Calls back with a number for each serial, in the order in which they first work. */
function counting(onValue: OnValue): (serial: string) => void {
  const worked = new Map<string, number>();
  return (serial) => {
    const number = worked.get(serial) ?? worked.size;
    worked.set(serial, number);
    onValue(`s3cret-fixture-${number}`);
  };
}

async function tacit(url: string, application: Application, _: string, onValue: OnValue): Promise<void> {
  const { tlsPair } = await import("@tacit/core");
  const told = counting(onValue);
  const secrets = await tacitClient(url, application, {
    declare: { db: { ref: "db", as: tlsPair() } },
    lentName: commonName,
  });
  await secrets.ready();
  for (;;) {
    try {
      const worked = await secrets.use(
        "db",
        async ({ meta: { version } }: Secret<unknown>) => {
          await work(url, application, version);
          return version;
        },
        { rejected: (error) => error instanceof Refused },
      );
      told(worked);
    } catch {
      // The next second may be better.
    }
    await sleep(pauseMs);
  }
}

/** What is refused is asked for anew, and tried once more. */
async function wrapped(url: string, application: Application, _: string, onValue: OnValue): Promise<void> {
  const told = counting(onValue);
  const client = await nodeVaultClient(url, application);
  let serial = await issue(client, application);
  for (;;) {
    try {
      await work(url, application, serial).catch(async (error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        serial = await issue(client, application);
        await work(url, application, serial);
      });
      told(serial);
    } catch {
      // The next second may be better.
    }
    await sleep(pauseMs);
  }
}

async function alone(url: string, application: Application, _: string, onValue: OnValue): Promise<void> {
  const told = counting(onValue);
  const client = await nodeVaultClient(url, application);
  const serial = await issue(client, application);
  for (;;) {
    await work(url, application, serial);
    told(serial);
    await sleep(pauseMs);
  }
}

async function issue(client: NodeVault, { authority }: Application): Promise<string> {
  const answer = await client.write(`${authority}/issue/app`, { common_name: commonName });
  return answer.data.serial_number;
}
