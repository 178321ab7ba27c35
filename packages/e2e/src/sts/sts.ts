import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { claimPort } from "../cluster/claim-port.ts";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";
import { programPath } from "../programs/provided.ts";

/** Keys of a user, as an SDK takes them from variables. */
export interface AccessKey {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
}

/** A stand-in for the STS, IAM and stores of AWS that checks the signatures of the users that are made there. */
export interface Sts extends AsyncDisposable {
  readonly url: string;
  readonly region: string;
  /** Makes an IAM user with a key. */
  createUser(name: string): Promise<{ readonly arn: string; readonly key: AccessKey }>;
  /** Makes a key of KMS, and returns its ARN. */
  createKey(): Promise<string>;
  /** Decrypts with a key of KMS, as the owner of the account. Both texts are base64. */
  decrypt(ciphertext: string, context: Readonly<Record<string, string>>): Promise<string>;
  /** Calls an action of IAM as the owner of the account, and returns its XML. */
  iam(parameters: Readonly<Record<string, string>>): Promise<string>;
  /** Freezes it: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Starts one on a free port; resolves when it answers, after about a second. The caller closes it. */
export async function startSts(): Promise<Sts> {
  const folder = mkdtempSync(join(inject("runFolder"), "sts-"));
  const port = await claimPort();
  const url = `http://127.0.0.1:${port}`;
  // By default it listens to the whole network and believes every signature.
  const variables = { BIND_HOST: "127.0.0.1", GATEWAY_PORT: String(port), AUTH: "true" };
  const process = startServer(programPath("ministack"), [], folder, variables);
  await untilAnswers(process, url);
  return {
    url,
    region: "us-east-1",
    async createUser(name) {
      const user = await askIam(url, { Action: "CreateUser", UserName: name });
      const key = await askIam(url, { Action: "CreateAccessKey", UserName: name });
      return {
        arn: element(user, "Arn"),
        key: {
          AWS_ACCESS_KEY_ID: element(key, "AccessKeyId"),
          AWS_SECRET_ACCESS_KEY: element(key, "SecretAccessKey"),
        },
      };
    },
    async createKey() {
      const { KeyMetadata: made } = await askKms(url, "CreateKey", {});
      return (made as { readonly Arn: string }).Arn;
    },
    async decrypt(ciphertext, context) {
      const { Plaintext: plain } = await askKms(url, "Decrypt", {
        CiphertextBlob: ciphertext,
        EncryptionContext: context,
      });
      return plain as string;
    },
    iam: (parameters) => askIam(url, parameters),
    pause: process.pause,
    resume: process.resume,
    close: process.kill,
    [Symbol.asyncDispose]: process.kill,
  };
}

/** Of the owner of the account, the one caller whose signature is not checked. */
function ownerOf(service: string): string {
  const scope = `${new Date().toISOString().slice(0, 10).replaceAll("-", "")}/us-east-1/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=${"0".repeat(64)}`;
}

async function askKms(url: string, action: string, input: object): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      authorization: ownerOf("kms"),
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `TrentService.${action}`,
    },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`KMS answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

async function askIam(url: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const authorization = ownerOf("iam");
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ ...parameters, Version: "2010-05-08" }),
    signal: AbortSignal.timeout(10_000),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`IAM answered ${answer.status}: ${said}`);
  return said;
}

function element(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? "";
}

async function untilAnswers(process: ServerProcess, url: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const signal = AbortSignal.timeout(2000);
    const answer = await fetch(`${url}/_ministack/health`, { signal }).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(50);
  }
  await process.kill();
  throw new Error(`STS did not become ready:\n${process.log()}`);
}
