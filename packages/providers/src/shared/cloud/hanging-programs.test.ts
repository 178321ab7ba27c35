import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { conformanceHost } from "@tacit/core/conformance";
import { manualClock } from "@tacit/core/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { awsKeys } from "./aws.ts";
import { AzureLogin } from "./azure-login.ts";
import { GoogleLogin } from "./google-login.ts";

// The packages of the clouds take seconds to load on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tacit-program-"));
  for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_"))) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", directory).stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

function put(name: string, content: string, mode = 0o644): string {
  const file = join(directory, name);
  writeFileSync(file, content, { mode });
  return file;
}

/** A program that starts another one and waits for ever, whatever signal asks it to end. */
const hanging = (name = "program"): string =>
  put(name, `#!/bin/sh\ntrap '' TERM\nsleep 1000 &\necho "$$ $!" > '${directory}/pids'\nwait\nwait\n`, 0o755);

async function pids(): Promise<readonly number[]> {
  const file = join(directory, "pids");
  while (!existsSync(file) || !readFileSync(file, "utf8").includes("\n")) await setImmediate();
  return readFileSync(file, "utf8").trim().split(" ").map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const scope = "https://vault.azure.net/.default";
const clock = manualClock();
const host = conformanceHost({
  clock,
  credential: async (source) => readFileSync((source as { $file: string }).$file),
});

/** What asks each cloud with a program that hangs. */
const asks: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  "credential_process of AWS"(signal) {
    vi.stubEnv("AWS_CONFIG_FILE", put("config", `[profile slow]\ncredential_process = ${hanging()}; true\n`));
    return awsKeys({ profile: "slow" }, { signal, host });
  },
  "az of Azure"(signal) {
    hanging("az");
    vi.stubEnv("PATH", `${directory}:${process.env.PATH}`);
    return new AzureLogin({ method: "cli" }, {}).token({ scope }, { signal, host });
  },
  "an executable of Google"(signal) {
    vi.stubEnv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    const json = {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      credential_source: { executable: { command: hanging(), timeout_millis: 120_000 } },
    };
    const environment = {
      GOOGLE_APPLICATION_CREDENTIALS: put("adc.json", JSON.stringify(json)),
      GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1",
    };
    return new GoogleLogin({ method: "default" }, environment).token({ signal, host });
  },
};

describe.skipIf(process.platform !== "linux")("a program of a cloud that hangs", () => {
  test.each(Object.keys(asks))("is killed after 9 s with what it has started: %s", async (name) => {
    const asking = asks[name]?.(new AbortController().signal).catch((error: unknown) => error);
    const started = await pids();
    await clock.advance(9000);
    expect(await asking).toMatchObject({ code: "UNAVAILABLE", reason: "cloud-identity" });
    while (started.some(isRunning)) await setImmediate();
  });

  test.each(Object.keys(asks))("is killed when the read is given up: %s", async (name) => {
    const controller = new AbortController();
    const asking = asks[name]?.(controller.signal).catch((error: unknown) => error);
    const started = await pids();
    controller.abort("enough");
    expect(await asking).toBe("enough");
    while (started.some(isRunning)) await setImmediate();
  });

  test("a program that the system kills fails the login and nothing else", async () => {
    const asking = asks["an executable of Google"]?.(new AbortController().signal).catch((error: unknown) => error);
    const [program = 0] = await pids();
    process.kill(-program, "SIGKILL");
    expect(await asking).toMatchObject({ code: "UNAUTHENTICATED", reason: "cloud-identity" });
  });

  test("a program that this process starts meanwhile for itself is left alone", async () => {
    const controller = new AbortController();
    const asking = asks["an executable of Google"]?.(controller.signal).catch((error: unknown) => error);
    await pids();
    const { spawn } = await import("node:child_process");
    const other = spawn("sleep", ["1000"]);
    controller.abort("enough");
    await asking;
    expect(other.exitCode ?? other.signalCode).toBeNull();
    const ended = new Promise((resolve) => other.once("exit", (_code, signal) => resolve(signal)));
    other.kill("SIGTERM");
    expect(await ended).toBe("SIGTERM");
  });
});

describe.skipIf(process.platform === "win32")("a FIFO as a file of a cloud is refused, never waited on", () => {
  test.each(["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONFIG_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])(
    "%s",
    async (name) => {
      const fifo = join(directory, "fifo");
      execFileSync("mkfifo", [fifo]);
      vi.stubEnv(name, fifo);
      const asking = awsKeys({}, { signal: new AbortController().signal, host });
      await expect(asking).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
        message: `${name} refers to something other than a regular file`,
      });
    },
  );

  test("AZURE_FEDERATED_TOKEN_FILE", async () => {
    const fifo = join(directory, "fifo");
    execFileSync("mkfifo", [fifo]);
    const login = new AzureLogin({ method: "default" }, { AZURE_FEDERATED_TOKEN_FILE: fifo });
    await expect(login.token({ scope }, { signal: new AbortController().signal, host })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: "AZURE_FEDERATED_TOKEN_FILE refers to something other than a regular file",
    });
  });
});
