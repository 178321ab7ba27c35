import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { leakCheck } from "@tacit/core/testing";
import { type Credentials, createCredentials, proofOf } from "./credentials.ts";
import { ask, type Load, startLoad } from "./load.ts";
import { type MountedVolume, mountVolume } from "./mounted-volume.ts";
import type { Screen } from "./screen.ts";
import { type ServiceProcess, startService } from "./service-process.ts";

const rotations = 8;
const requestsInFlight = 8;
const betweenRotationsMs = 300;

/** Everything that was written to a store in this run, and what the service must answer for it. */
class Ledger {
  readonly challenge: string = `/login/${randomUUID()}`;
  readonly values: string[] = [];
  /** proof -> number of the version */
  readonly versions: Map<string, number> = new Map();

  issue(): Credentials {
    const credentials = createCredentials();
    this.values.push(...Object.values(credentials));
    this.versions.set(proofOf(credentials, this.challenge), this.versions.size + 1);
    return credentials;
  }

  /** @throws unless the service answers with the newest version */
  async expectNewest(origin: URL): Promise<void> {
    const proof = await ask(new URL(this.challenge, origin));
    if (this.versions.get(proof ?? "") !== this.versions.size) throw new Error("the answer is not of the newest pair");
  }
}

/**
 * Rotates a mounted secret under a service that is busy, then moves the service to environment variables.
 * @returns the sentence that sums it up
 * @throws if anything was not as it must be; never with a value in the message
 */
export async function tellStory(screen: Screen, serviceFile: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  await using resources = new AsyncDisposableStack();
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
  return await Promise.race([act(screen, serviceFile, resources), aborted.promise]);
}
