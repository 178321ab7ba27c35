import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateSecretCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { createSecrets, declareSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { claimPort } from "../cluster/claim-port.ts";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";
import { hasPrograms } from "../programs/provided.ts";
import { type AccessKey, type Sts, startSts } from "../sts/sts.ts";
import { type Administrator, allow, createAdministrator, variablesOf } from "./account.ts";

// `cargo install aws_workload_credentials_provider`, or its predecessor `aws_secretsmanager_agent`.
const program = findAgent();
const declare = declareSecrets({ db: { ref: "prod/db" } });
const token = "s3cret-fixture-agent-token";

describe.skipIf(program === undefined || !hasPrograms("ministack"))("the agent of AWS", () => {
  let sts: Sts;
  let administrator: Administrator;
  let agent: ServerProcess;
  let url: string;
  let folder: string;
  let key: AccessKey;

  beforeAll(async () => {
    folder = mkdtempSync(join(inject("runFolder"), "agent-"));
    sts = await startSts();
    administrator = await createAdministrator(sts);
    ({ key } = await sts.createUser("agent"));
    const actions = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"];
    await allow(sts, "agent", [{ Effect: "Allow", Action: actions, Resource: "*" }]);
    await administrator.secrets.send(new CreateSecretCommand({ Name: "prod/db", SecretString: "s3cret-fixture-1" }));
    await start();
  });
  afterAll(async () => {
    administrator?.secrets.destroy();
    await agent?.kill();
    await sts?.close();
  });

  async function start(ttlSeconds = 1): Promise<void> {
    const port = await claimPort();
    url = `http://localhost:${port}`;
    writeFileSync(join(folder, "token"), token);
    const settings = [
      `http_port = ${port}`,
      `ttl_seconds = ${ttlSeconds}`,
      `region = "${sts.region}"`,
      "log_to_file = false",
    ];
    writeFileSync(join(folder, "agent.toml"), settings.join("\n"));
    const configuration = ["--config", join(folder, "agent.toml")];
    const isSuccessor = basename(program ?? "").includes("workload");
    agent = startServer(program ?? "", isSuccessor ? ["sm", "start", ...configuration] : configuration, folder, {
      ...variablesOf(key),
      AWS_TOKEN: `file://${join(folder, "token")}`,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: sts.url,
      AWS_ENDPOINT_URL_STS: sts.url,
    });
    for (let tries = 0; tries < 300; tries += 1) {
      if ((await fetch(`${url}/ping`).catch(() => undefined))?.ok === true) return;
      await sleep(100);
    }
    throw new Error(`the agent did not become ready:\n${agent.log()}`);
  }

  function open(tokenFile: string) {
    const provider = { use: "aws-agent", url, token: { $file: tokenFile }, pollInterval: "1s" };
    const config = { providers: { agent: provider }, routes: [{ match: "**", to: ["agent"] }] };
    return createSecrets({ adapters, declare, config });
  }

  test("gives the value, and a rotation when what it holds is too old", async () => {
    const secrets = open(join(folder, "token"));
    await secrets.ready();
    expect(secrets.latest("db").reveal()).toBe("s3cret-fixture-1");
    await administrator.secrets.send(
      new PutSecretValueCommand({ SecretId: "prod/db", SecretString: "s3cret-fixture-2" }),
    );
    await expect.poll(() => secrets.latest("db").reveal(), { timeout: 15_000 }).toBe("s3cret-fixture-2");
    await secrets.close();
  });

  test("is told to ask AWS for a value that is known to be out of date, whatever it holds", async () => {
    await agent.kill();
    await start(3600);
    const secrets = open(join(folder, "token"));
    await secrets.ready();
    await administrator.secrets.send(
      new PutSecretValueCommand({ SecretId: "prod/db", SecretString: "s3cret-fixture-3" }),
    );
    // Two polls.
    await sleep(3000);
    expect(secrets.latest("db").reveal()).toBe("s3cret-fixture-2");
    expect((await secrets.getSecret("db", { freshness: "fresh" })).reveal()).toBe("s3cret-fixture-3");
    await administrator.secrets.send(
      new PutSecretValueCommand({ SecretId: "prod/db", SecretString: "s3cret-fixture-2" }),
    );
    secrets.invalidate("db");
    expect((await secrets.getSecret("db")).reveal()).toBe("s3cret-fixture-2");
    await secrets.close();
    await agent.kill();
    await start();
  });

  test("that does not know the token is no denial of the secret", async () => {
    writeFileSync(join(folder, "other"), "s3cret-fixture-other-token");
    const secrets = open(join(folder, "other"));
    await expect(secrets.ready()).rejects.toMatchObject({
      errors: [{ code: "UNAUTHENTICATED", reason: "login-refused" }],
    });
    await secrets.close();
  });

  test("that waits for AWS, or is gone, leaves the last good value", async () => {
    const secrets = open(join(folder, "token"));
    await secrets.ready();
    sts.pause();
    try {
      await expect.poll(() => secrets.health().secrets[0]?.code, { timeout: 40_000 }).toBe("UNAVAILABLE");
      expect(secrets.latest("db").reveal()).toBe("s3cret-fixture-2");
    } finally {
      sts.resume();
    }
    await expect.poll(() => secrets.health().secrets[0]?.state, { timeout: 40_000 }).toBe("live");
    await agent.kill();
    await expect.poll(() => secrets.health().secrets[0]?.code, { timeout: 20_000 }).toBe("UNAVAILABLE");
    expect(secrets.latest("db").reveal()).toBe("s3cret-fixture-2");
    await secrets.close();
  });
});

function findAgent(): string | undefined {
  const variable = process.env.TACIT_E2E_AWS_AGENT;
  if (variable !== undefined) return variable;
  try {
    const names = "command -v aws-workload-credentials-provider || command -v aws_secretsmanager_agent";
    return execFileSync("sh", ["-c", names], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
