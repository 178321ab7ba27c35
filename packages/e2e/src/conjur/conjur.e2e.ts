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

  test.each<[string, OfficialClient]>([
    ["Go", goClient],
    ["Python", pythonClient],
  ])("keeps versions as the official client for %s counts them", async (_name, client) => {
    await goClient(variables, "set", "db/versions", "s3cret-fixture-1");
    await goClient(variables, "set", "db/versions", "s3cret-fixture-2");
    expect(await client(variables, "get", "db/versions")).toBe("s3cret-fixture-2");
    const { secrets } = (await goClient(variables, "resource", "db/versions")) as {
      readonly secrets: { version: number }[];
    };
    const [former, latter] = secrets.map(({ version }) => `${version}`).slice(-2);
    expect(await client(variables, "get-version", "db/versions", `${former}`)).toBe("s3cret-fixture-1");
    expect(await client(variables, "get-version", "db/versions", `${latter}`)).toBe("s3cret-fixture-2");
    await expect(client(variables, "get-version", "db/versions", "99")).rejects.toThrow("404");
  });

  describe("takes from the official clients", () => {
    const role = { CONJUR_SERVICE_ID: "prod", CONJUR_AUTHN_JWT_HOST_ID: "app/123456789012/orders" };
    const keys = {
      AWS_ACCESS_KEY_ID: "AKIAFIXTURE",
      AWS_SECRET_ACCESS_KEY: "s3cret-fixture-aws",
      AWS_REGION: "us-east-1",
    };
    const placeOf = ({ CONJUR_APPLIANCE_URL = "", CONJUR_ACCOUNT = "" }: ConjurVariables): ConjurVariables => ({
      CONJUR_APPLIANCE_URL,
      CONJUR_ACCOUNT,
      CONJUR_CREDENTIAL_STORAGE: "none",
    });

    test.each<[string, OfficialClient]>([
      ["Go", goClient],
      ["Python", pythonClient],
    ])("what AWS signs, by the one for %s, and refuses another key", async (_name, client) => {
      const iam = { ...placeOf(variables), ...role, ...keys, CONJUR_AUTHN_TYPE: "iam" };
      expect(await client(iam, "get", "db/long")).toBe(long);
      const wrong = { ...iam, AWS_SECRET_ACCESS_KEY: "s3cret-fixture-wrong" };
      await expect(client(wrong, "get", "db/long")).rejects.toThrow("401");
    });

    test.each([
      ["azure", "https://management.azure.com/"],
      ["gcp", "conjur/acct/host/app"],
    ])("a token of %s, and refuses one for another audience", async (type, audience) => {
      const login = (aud: string): ConjurVariables => ({
        ...placeOf(variables),
        CONJUR_AUTHN_TYPE: type,
        CONJUR_SERVICE_ID: "prod",
        CONJUR_AUTHN_JWT_HOST_ID: "app",
        CONJUR_AUTHN_JWT_TOKEN: jwtFor(aud),
      });
      expect(await goClient(login(audience), "get", "db/long")).toBe(long);
      await expect(goClient(login("another"), "get", "db/long")).rejects.toThrow("401");
    });

    test("an ID token", async () => {
      const oidc = { ...placeOf(variables), CONJUR_AUTHN_TYPE: "oidc", CONJUR_SERVICE_ID: "prod" };
      expect(await goClient(oidc, "get-by-id-token", "db/long", "s3cret-fixture-jwt")).toBe(long);
    });
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

  test("gives Tacit the version before, and one by its number", async () => {
    await goClient(variables, "set", "db/previous", "s3cret-fixture-1");
    await goClient(variables, "set", "db/previous", "s3cret-fixture-2");
    expect((await secrets.getSecret("db/previous@previous")).reveal()).toBe("s3cret-fixture-1");
  });

  test("shows Tacit a value that the official client has written, with the next fresh read", async () => {
    await goClient(variables, "set", "db/password", "s3cret-fixture-rotated");
    const rotated = await secrets.getSecret("db/password", { maxAge: 0 });
    expect(rotated.reveal()).toBe("s3cret-fixture-rotated");
  });
});

/** A JWT that nobody has signed: the double looks at its audience alone. */
function jwtFor(aud: string): string {
  return [{ alg: "none" }, { aud }, { none: 0 }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
}
