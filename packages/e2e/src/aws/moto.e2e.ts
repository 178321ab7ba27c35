import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { createSecrets, type Declarations, type Declared, declareSecrets, type StrictSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { claimPort } from "../cluster/claim-port.ts";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";

// A second opinion: it answers 404 where AWS answers 400, and knows what ministack does not. `pip install moto[server]`.
const program = findMoto();

describe.skipIf(program === undefined)("the stores of AWS as moto understands them", () => {
  let server: ServerProcess;
  let place: { readonly endpoint: string; readonly region: string };

  beforeAll(async () => {
    const port = await claimPort();
    place = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1" };
    const folder = mkdtempSync(join(inject("runFolder"), "moto-"));
    server = startServer(program ?? "", ["-H", "127.0.0.1", "-p", String(port)], folder);
    for (let tries = 0; tries < 300; tries += 1) {
      if ((await fetch(`${place.endpoint}/moto-api/`).catch(() => undefined))?.ok === true) break;
      await sleep(100);
    }
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAFIXTURE000000001");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret-fixture-key");
    const [secrets, parameters] = [new SecretsManagerClient(place), new SSMClient(place)];
    await secrets.send(new CreateSecretCommand({ Name: "prod/db", SecretString: "one" }));
    await secrets.send(new PutSecretValueCommand({ SecretId: "prod/db", SecretString: "two" }));
    await secrets.send(new CreateSecretCommand({ Name: "prod/key", SecretBinary: Uint8Array.from([0, 255]) }));
    await secrets.send(new CreateSecretCommand({ Name: "prod/empty" }));
    await secrets.send(new CreateSecretCommand({ Name: "prod/doomed", SecretString: "gone" }));
    await secrets.send(new DeleteSecretCommand({ SecretId: "prod/doomed" }));
    const put = { Name: "/prod/p", Type: "SecureString" } as const;
    await parameters.send(new PutParameterCommand({ ...put, Value: "one" }));
    await parameters.send(new PutParameterCommand({ ...put, Value: "two", Overwrite: true }));
    secrets.destroy();
    parameters.destroy();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.kill();
  });

  async function open<D extends Declarations>(use: string, declare: Declared<D>): Promise<StrictSecrets<D>> {
    const config = { providers: { aws: { use, ...place } }, routes: [{ match: "**", to: ["aws"] }] };
    const secrets = createSecrets({ adapters, declare, config });
    await secrets.ready();
    return secrets;
  }

  const optional = true;

  test("secrets: what is there is read together with what is missing, without a value, or marked for deletion", async () => {
    const declare = declareSecrets({
      db: { ref: "prod/db" },
      was: { ref: "prod/db@previous" },
      none: { ref: "prod/none", optional },
      empty: { ref: "prod/empty", optional },
      doomed: { ref: "prod/doomed", optional },
    });
    const secrets = await open("aws-secrets-manager", declare);
    const read = (alias: "db" | "was" | "none" | "empty" | "doomed") => secrets.latest(alias)?.reveal();
    expect([read("db"), read("was")]).toEqual(["two", "one"]);
    expect([read("none"), read("empty"), read("doomed")]).toEqual([undefined, undefined, undefined]);
    expect(secrets.health().providers[0]?.warnings).toEqual(["scheduled-deletion"]);
    await secrets.close();
  });

  test("parameters: the present one and the one before, a missing one, and a secret by reference", async () => {
    const declare = declareSecrets({
      now: { ref: "prod/p" },
      was: { ref: "prod/p@previous" },
      none: { ref: "prod/none", optional },
      secret: { ref: "aws/reference/secretsmanager/prod/db" },
    });
    const secrets = await open("aws-parameter-store", declare);
    const read = (alias: "now" | "was" | "none" | "secret") => secrets.latest(alias)?.reveal();
    expect([read("now"), read("was"), read("none"), read("secret")]).toEqual(["two", "one", undefined, "two"]);
    await secrets.close();
  });
});

function findMoto(): string | undefined {
  const variable = process.env.TACIT_E2E_MOTO_SERVER;
  if (variable !== undefined) return variable;
  try {
    return execFileSync("sh", ["-c", "command -v moto_server"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
