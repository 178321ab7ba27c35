import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecrets, type Secrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Double, startDouble } from "../clouds/double.ts";
import { hasPrograms } from "../programs/provided.ts";
import { type ConjurVariables, goClient, type OfficialClient, pythonClient } from "./official-clients.ts";

const apiKey = "s3cret-fixture-api-key";
/** More than a line of base64, and a character beyond ASCII. */
const long = `${"s3cret-fixture ".repeat(20)}ä`;

describe.skipIf(!hasPrograms("conjur-client", "conjur-python"))("the double of Conjur", () => {
  let double: Double;
  let variables: ConjurVariables;
  let secrets: Secrets;
  beforeAll(async () => {
    double = await startDouble("conjur/double.ts", "ConjurDouble");
    const url = `http://127.0.0.1:${double.port}`;
    variables = {
      CONJUR_APPLIANCE_URL: url,
      CONJUR_ACCOUNT: "acct",
      CONJUR_AUTHN_LOGIN: "host/app",
      CONJUR_AUTHN_API_KEY: apiKey,
    };
    // By the official client, as an operator writes it.
    await goClient(variables, "set", "db/password", "s3cret-fixture-password");
    await goClient(variables, "set", "db/long", long);
    const file = join(mkdtempSync(join(inject("runFolder"), "conjur-")), "api-key");
    writeFileSync(file, apiKey);
    const auth = { method: "api-key", login: "host/app", apiKey: { $file: file } };
    secrets = createSecrets({
      adapters,
      config: {
        providers: { conjur: { use: "conjur", url, account: "acct", auth } },
        routes: [{ match: "**", to: ["conjur"] }],
      },
    });
    await secrets.ready();
  });
  afterAll(async () => {
    await secrets?.close();
    await double?.stop();
  });

  test.each<[string, OfficialClient]>([
    ["Go", goClient],
    ["Python", pythonClient],
  ])("reads to the official client for %s as a Conjur, one by one and in a batch", async (_name, client) => {
    expect(await client(variables, "get", "db/long")).toBe(long);
    const batch = (await client(variables, "batch", "db/password", "db/long")) as Readonly<Record<string, string>>;
    expect(Object.values(batch).toSorted()).toEqual([long, "s3cret-fixture-password"].toSorted());
    await expect(client(variables, "get", "db/absent")).rejects.toThrow("404");
    await expect(client(variables, "batch", "db/password", "db/absent")).rejects.toThrow("404");
    const wrong = { ...variables, CONJUR_AUTHN_API_KEY: "s3cret-fixture-wrong" };
    await expect(client(wrong, "get", "db/long")).rejects.toThrow("401");
  });

  test("writes the base64 of a batch so that the official client for Go reads it", async () => {
    const batch = await goClient(variables, "batch-base64", "db/password", "db/long");
    expect(Object.values(batch as object)).toEqual(expect.arrayContaining([long, "s3cret-fixture-password"]));
  });

  test("takes a JWT and a token file from the official client for Go", async () => {
    const { CONJUR_AUTHN_LOGIN: _login, CONJUR_AUTHN_API_KEY: _apiKey, ...place } = variables;
    const file = join(mkdtempSync(join(inject("runFolder"), "conjur-")), "jwt");
    writeFileSync(file, "s3cret-fixture-jwt");
    const jwt = { ...place, CONJUR_AUTHN_JWT_SERVICE_ID: "prod", JWT_TOKEN_PATH: file };
    expect(await goClient(jwt, "get", "db/long")).toBe(long);
  });

  test("has both shapes of batch paths in its log, and each client's", async () => {
    const paths = (await double.requests())
      .filter(({ query }) => query.variable_ids !== undefined)
      .map(({ path }) => path);
    expect([...new Set(paths)].toSorted()).toEqual(["/secrets", "/secrets/"]);
  });

  test("is read by Tacit to the same values, several in one call", async () => {
    const before = (await double.requests()).length;
    const [password, other] = await Promise.all([secrets.getSecret("db/password"), secrets.getSecret("db/long")]);
    expect([password.reveal(), other.reveal()]).toEqual(["s3cret-fixture-password", long]);
    const asked = (await double.requests()).slice(before).filter(({ path }) => path.startsWith("/secrets"));
    expect(asked.map(({ query }) => query.variable_ids)).toEqual([
      expect.stringMatching(/^acct:variable:db\/\w+,acct:variable:db\/\w+$/),
    ]);
  });

  test("shows Tacit a value that the official client has written, with the next fresh read", async () => {
    await goClient(variables, "set", "db/password", "s3cret-fixture-rotated");
    const rotated = await secrets.getSecret("db/password", { maxAge: 0 });
    expect(rotated.reveal()).toBe("s3cret-fixture-rotated");
  });
});
