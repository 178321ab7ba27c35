import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { auditPolicyFile } from "./audit.ts";
import { claimPort } from "./claim-port.ts";
import type { EncryptionConfiguration } from "./encryption.ts";
import { ask } from "./request.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

/** A kube-apiserver with RBAC that can be taken down and brought back on the same port with the same certificates. */
export interface ApiServer {
  readonly url: string;
  /** File that holds the certificates which clients must trust. */
  readonly certificateAuthority: string;
  /** Of a member of `system:masters`. */
  readonly adminToken: string;
  /** Private key that signs service account tokens. */
  readonly signingKey: string;
  /** Where it notes who did what to which Secret. */
  readonly auditFile: string;
  /** The process of the last start. */
  readonly process: ServerProcess;
  /** Starts it, after `process.stop` or `process.kill`; resolves when it is ready. */
  start(): Promise<void>;
  /** From the next start on, Secrets are stored so. */
  encrypt(configuration: EncryptionConfiguration): void;
}

/** Starts the program in a folder of its own; resolves when it is ready. */
export async function startApiServer(program: string, folder: string, etcdUrl: string): Promise<ApiServer> {
  mkdirSync(folder, { recursive: true });
  const port = await claimPort();
  const url = `https://127.0.0.1:${port}`;
  const file = (name: string): string => join(folder, name);
  const adminToken = randomBytes(16).toString("hex");
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signingKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  writeFileSync(file("sa.key"), signingKey, { mode: 0o600 });
  writeFileSync(file("sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(file("tokens.csv"), `${adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const settings: Record<string, string> = {
    "etcd-servers": etcdUrl,
    "bind-address": "127.0.0.1",
    "secure-port": String(port),
    "cert-dir": file("certificates"),
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-signing-key-file": file("sa.key"),
    "service-account-key-file": file("sa.pub"),
    "authorization-mode": "RBAC",
    "token-auth-file": file("tokens.csv"),
    "audit-policy-file": auditPolicyFile,
    "audit-log-path": file("audit.log"),
  };
  const certificateAuthority = file("certificates/apiserver.crt");
  const launch = async (): Promise<ServerProcess> => {
    const commandLine = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    const process = startServer(program, commandLine, folder);
    await untilReady(process, `${url}/readyz`, certificateAuthority);
    return process;
  };
  let process = await launch();
  return {
    url,
    certificateAuthority,
    adminToken,
    signingKey,
    auditFile: file("audit.log"),
    get process() {
      return process;
    },
    async start() {
      process = await launch();
    },
    encrypt(configuration) {
      settings["encryption-provider-config"] = file("encryption.json");
      writeFileSync(file("encryption.json"), JSON.stringify(configuration), { mode: 0o600 });
    },
  };
}

async function untilReady(process: ServerProcess, url: string, certificateAuthority: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  let isRunning = true;
  void process.ended.then(() => {
    isRunning = false;
  });
  while (isRunning && performance.now() < deadline) {
    if (existsSync(certificateAuthority)) {
      const answer = await ask(url, { certificateAuthority, timeoutMs: 2000 }).catch(() => undefined);
      if (answer?.status === 200) return;
    }
    await sleep(50);
  }
  await process.kill();
  throw new Error(`the API server did not become ready:\n${process.log()}`);
}
