import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type KubernetesObject, PatchStrategy, type V1ObjectMeta } from "@kubernetes/client-node";
import { inject } from "vitest";
import { claimPort } from "../cluster/claim-port.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";
import { programPath } from "../programs/provided.ts";
import { defineKind } from "./custom-kind.ts";
import { createPod } from "./pod.ts";
import { sealedSecretKind, sealerRights } from "./sealed-secrets-rights.ts";

/** A Secret that only the controller can open; it may lie in a repository. */
export interface SealedSecret extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: V1ObjectMeta & { readonly name: string; readonly namespace: string };
  readonly spec: { readonly encryptedData: Readonly<Record<string, string>> };
  readonly status?: { readonly observedGeneration?: number };
}

/** The controller of Sealed Secrets, as it runs in a cluster, and the tool beside it. */
export interface SealedSecrets extends AsyncDisposable {
  /** The namespace that holds its keys. */
  readonly namespace: string;
  readonly process: ServerProcess;
  /** What kubeseal makes of a Secret, by the newest key. */
  seal(namespace: string, name: string, fields: Readonly<Record<string, string>>): Promise<SealedSecret>;
  /** The same Secret by the newest key, which nobody sees in between: what `kubeseal --re-encrypt` asks for. */
  reseal(sealed: SealedSecret): Promise<SealedSecret>;
  /** Applies it through the official client; resolves when the controller has dealt with it. */
  apply(sealed: SealedSecret): Promise<void>;
  /** Has it make another key; the older ones go on opening what they sealed. */
  renewKey(): Promise<void>;
}

/** Starts the controller in a pod; resolves when it has a key. The caller disposes of it. */
export async function startSealedSecrets(cluster: Cluster): Promise<SealedSecrets> {
  const { administrator, apiServer } = cluster;
  const namespace = "sealing";
  await defineKind(cluster, sealedSecretKind);
  await administrator.createNamespace(namespace);
  for (const object of sealerRights(namespace)) await administrator.objects.create(object);
  const token = await administrator.requestToken(namespace, "controller");
  const folder = mkdtempSync(join(inject("runFolder"), "sealed-secrets-"));
  const pod = await createPod(folder, apiServer, namespace, token);
  const address = `127.0.0.1:${await claimPort()}`;
  const settings = [
    `--listen-addr=${address}`,
    `--listen-metrics-addr=127.0.0.1:${await claimPort()}`,
    // Only when the test says so; and a small key, which is found sooner.
    "--key-renew-period=0",
    "--key-size=2048",
  ];
  const [launcher = "", ...rest] = pod.launcher;
  const commandLine = [...rest, programPath("sealed-secrets-controller"), ...settings];
  const process = startServer(launcher, commandLine, folder, pod.variables);
  const certificate = (): Promise<string> => fetch(`http://${address}/v1/cert.pem`).then((answer) => answer.text());
  await until(process, () => certificate().then(Boolean, () => false));
  return {
    namespace,
    process,
    async seal(secretNamespace, name, stringData) {
      const metadata = { name, namespace: secretNamespace };
      const secret = { apiVersion: "v1", kind: "Secret", metadata, stringData };
      return kubeseal(JSON.stringify(secret), ["--cert", `http://${address}/v1/cert.pem`]);
    },
    async reseal(sealed) {
      const answer = await fetch(`http://${address}/v1/rotate`, { method: "POST", body: JSON.stringify(sealed) });
      // It leaves out what kind of object that is; kubeseal puts it back.
      const { apiVersion, kind } = sealed;
      return { ...((await answer.json()) as SealedSecret), apiVersion, kind };
    },
    async apply(sealed) {
      const { objects } = administrator;
      const applied = await objects.patch(sealed, undefined, undefined, "e2e", true, PatchStrategy.ServerSideApply);
      await until(process, async () => {
        const { status } = await objects.read<SealedSecret>(sealed);
        return status?.observedGeneration === applied.metadata.generation;
      });
    },
    async renewKey() {
      const before = await certificate();
      // Keys are ordered by the second in which they were made.
      await sleep(1000);
      process.signal("SIGUSR1");
      await until(process, async () => (await certificate()) !== before);
    },
    async [Symbol.asyncDispose]() {
      await process.kill();
      await pod[Symbol.asyncDispose]();
    },
  };
}

/** A Secret on its standard input, sealed on its standard output. */
async function kubeseal(input: string, settings: readonly string[]): Promise<SealedSecret> {
  const child = spawn(programPath("kubeseal"), ["--format", "json", ...settings], { stdio: "pipe" });
  child.stdin.end(input);
  const [output, said, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (status !== 0) throw new Error(`kubeseal: ${said}`);
  return JSON.parse(output) as SealedSecret;
}

async function until(process: ServerProcess, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Sealed Secrets did not follow within 20 s:\n${process.log()}`);
    await sleep(20);
  }
}
