import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { rejection } from "../../../../test/http-fixture.ts";
import { quotingRefusal } from "../../../../test/vault/login-double.ts";
import { type LoginFixture, openLoginFixture } from "../../../../test/vault/login-fixture.ts";

beforeEach(() => {
  for (const name of Object.keys(process.env).filter((each) => /^(AWS|AZURE|GOOGLE|GCE)_/.test(each)))
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAFIXTURE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret-fixture-aws-other");
  vi.stubEnv("AWS_SESSION_TOKEN", "s3cret-fixture-aws-session");
});

afterEach(() => void vi.unstubAllEnvs());

const source = { $secret: "credential" };

/** Each method, with the credential that it sends. */
const methods: readonly (readonly [string, object, string])[] = [
  ["approle", { method: "approle", roleId: source, secretId: source }, "s3cret-fixture-secret-id"],
  [
    "approle, wrapped",
    { method: "approle", roleId: source, secretId: source, creationPath: "auth/approle/role/app/secret-id" },
    "s3cret-fixture-wrapping",
  ],
  ["kubernetes", { method: "kubernetes", role: "app", jwt: source }, "s3cret-fixture.header.signature"],
  ["jwt", { method: "jwt", jwt: source }, "s3cret-fixture.header.signature"],
  ["userpass", { method: "userpass", username: "app", password: source }, "s3cret-fixture pass\u00fc"],
  ["ldap", { method: "ldap", username: "app", password: source }, "s3cret-fixture\nlines"],
  ["aws-iam", { method: "aws-iam", serverId: "vault.example" }, ""],
  ["gcp, an instance", { method: "gcp", type: "gce", role: "app" }, ""],
  ["gcp, a key", { method: "gcp", type: "iam", role: "app", key: source }, "key"],
  ["azure", { method: "azure", role: "app" }, ""],
];

/** A text contained in all sent credentials and all responses of clouds. */
const pattern = /s3cret-fixture|AWS4-HMAC|Bearer/;

async function openAll(content: string) {
  const fixture = await openLoginFixture();
  const { issuer } = fixture.vault;
  const key = { client_email: "s3cret-fixture@b.example", private_key: issuer.privateKey, private_key_id: "other" };
  fixture.credentials.set("credential", content === "key" ? JSON.stringify(key) : content);
  const cloud = await fixture.http.serve((message, response) => {
    response.setHeader("metadata-flavor", "Google");
    const isAzure = message.headers.metadata === "true";
    response.end(isAzure ? JSON.stringify({ access_token: "s3cret-fixture-azure" }) : "s3cret-fixture.b.c");
  });
  const environment = {
    GCE_METADATA_HOST: cloud.url.replace("http://", ""),
    AZURE_POD_IDENTITY_AUTHORITY_HOST: cloud.url,
  };
  return Object.assign(fixture, { environment });
}

/** Returns all text that printing an error can show, and the parts of the sent credential. */
function printed(error: unknown, { vault }: LoginFixture): string {
  const { message, stack, cause } = error as Error;
  const text = [message, stack, cause, JSON.stringify(error), inspect(error, { depth: 10, showHidden: true })].join(
    "\n",
  );
  const sent = vault.requests.flatMap(({ body }) => Object.values(body)).filter((each) => String(each).length > 20);
  return text + sent.filter((each) => text.includes(String(each))).map((each) => `s3cret-fixture: ${String(each)}`);
}

describe.each(methods)("no error of a login with %s contains the sent credential", (_, options, content) => {
  test.each([400, 403, 405, 429, 500, 503])("if the response is %i and quotes it", async (status) => {
    await using fixture = await openAll(content);
    fixture.vault.override = ({ body }) => ({ status, body: { errors: [JSON.stringify(body), "s3cret-fixture"] } });
    const error = await rejection(fixture.run(fixture.create(options, fixture.environment)));
    expect(printed(error, fixture)).not.toMatch(pattern);
    expect(fixture.vault.requests).toHaveLength(1);
  });

  test("if the connection is lost, or the response is malformed", async () => {
    await using fixture = await openAll(content);
    const login = fixture.create(options, fixture.environment);
    fixture.vault.loses = () => true;
    expect(printed(await rejection(fixture.run(login)), fixture)).not.toMatch(pattern);
    fixture.vault.loses = () => false;
    fixture.vault.override = () => ({ body: { data: { keys: "s3cret-fixture" } } });
    expect(printed(await rejection(fixture.run(login)), fixture)).not.toMatch(pattern);
    fixture.vault.override = (request) => quotingRefusal(200, request);
    expect(printed(await rejection(fixture.run(login)), fixture)).not.toMatch(pattern);
  });
});

test.each(methods)("the error of a credential for %s that cannot be sent does not contain it", async (_, options) => {
  await using fixture = await openAll("s3cret-fixture \u{1f511}\r\nX-Injected: 1");
  fixture.vault.override = (request) => quotingRefusal(400, request);
  const error = await rejection(fixture.run(fixture.create(options, fixture.environment)));
  expect(printed(error, fixture)).not.toMatch(pattern);
});
