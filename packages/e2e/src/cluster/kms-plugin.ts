import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { programPath } from "../programs/provided.ts";
import type { EncryptionProvider } from "./encryption.ts";

/** A key management service that an API server asks to wrap its keys. */
export interface KmsPlugin extends AsyncDisposable {
  readonly provider: EncryptionProvider;
  /** Wraps by this key from now on; API servers ask about once a minute, and when they start. */
  useKey(name: string): void;
}

/** Starts one; resolves when it listens. The caller disposes of it. */
export async function startKmsPlugin(key: string): Promise<KmsPlugin> {
  const socket = join(mkdtempSync(join(inject("runFolder"), "kms-")), "socket");
  const child = spawn(programPath("kms-plugin"), [socket], { stdio: ["pipe", "ignore", "inherit"] });
  const ended = once(child, "close");
  const useKey = (name: string): void => void child.stdin.write(`${name}\n`);
  useKey(key);
  while (!existsSync(socket) && child.exitCode === null) await sleep(10);
  return {
    provider: { kms: { apiVersion: "v2", name: "plugin", endpoint: `unix://${socket}`, timeout: "3s" } },
    useKey,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
