import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conformanceHost } from "@tacit/core/conformance";
import type { SecretError } from "@tacit/core/provider";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { makeCertificate, openHttpFixture, rejection } from "../../../test/http-fixture.ts";
import { awsKeys } from "./aws.ts";
import { AzureLogin } from "./azure-login.ts";
import { type GoogleContext, GoogleLogin } from "./google-login.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tacit-cloud-"));
  for (const name of Object.keys(process.env).filter((each) => /^(AWS|AZURE|GOOGLE|GCE|GCLOUD|CLOUDSDK)_/.test(each)))
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/** One response of the service that issues tokens; undefined if nothing listens. */
type Reply = readonly [status: number, headers: Readonly<Record<string, string>>, body: string] | undefined;
type Library = (at: string, context: GoogleContext) => Promise<unknown>;

const libraries: Readonly<Record<string, Library>> = {
  aws(at, context) {
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(directory, "credentials"));
    vi.stubEnv("AWS_CONFIG_FILE", join(directory, "config"));
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${at}/credentials`);
    return awsKeys({}, context);
  },
  azure(at, context) {
    writeFileSync(join(directory, "token"), "s3cret-fixture-assertion");
    // The authority is a custom identity provider; for Azure's own, the SDK would query the internet.
    vi.stubEnv("AZURE_TENANT_ID", "adfs");
    vi.stubEnv("AZURE_CLIENT_ID", "client-1");
    vi.stubEnv("AZURE_AUTHORITY_HOST", at);
    vi.stubEnv("AZURE_FEDERATED_TOKEN_FILE", join(directory, "token"));
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    return new AzureLogin({ method: "workload" }, {}).token({ scope: "https://vault.azure.net/.default" }, context);
  },
  google(at, context) {
    writeFileSync(join(directory, "subject"), "s3cret-fixture-subject");
    const federation = {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${at}/v1/token`,
      credential_source: { file: join(directory, "subject") },
    };
    writeFileSync(join(directory, "adc.json"), JSON.stringify(federation));
    return new GoogleLogin(
      { method: "default" },
      { GOOGLE_APPLICATION_CREDENTIALS: join(directory, "adc.json") },
    ).token(context);
  },
};

const json = { "content-type": "application/json" };
const outcomes: readonly (readonly [string, Reply, string])[] = [
  ["nothing listens", undefined, "UNAVAILABLE"],
  ["it answers 503 with a page", [503, { "content-type": "text/html" }, "<html>s3cret-fixture</html>"], "UNAVAILABLE"],
  ["it answers 429", [429, json, JSON.stringify({ error: "temporarily_unavailable" })], "THROTTLED"],
  ["it answers 429 without words", [429, { ...json, "retry-after": "3" }, "{}"], "THROTTLED"],
  [
    "it refuses",
    [401, json, JSON.stringify({ error: "invalid_client", error_description: "s3cret-fixture" })],
    "UNAUTHENTICATED",
  ],
];

describe.each(Object.entries(libraries))("%s", (_, ask) => {
  test.each(outcomes)("where %s", async (_title, reply, code) => {
    await using http = openHttpFixture();
    const certificate = await makeCertificate();
    const handler: RequestListener = (message, response) => {
      const isDiscovery = message.url?.includes(".well-known") === true;
      const [status, headers, body] = reply ?? [500, {}, ""];
      if (isDiscovery) return void response.writeHead(200, json).end(JSON.stringify(endpointsAt(server.url)));
      response.writeHead(status, headers).end(body);
    };
    const server = ask === libraries.azure ? await http.serveSecurely(certificate, handler) : await http.serve(handler);
    const at = reply === undefined ? server.url.replace(/\d+$/, "1") : server.url;
    const error = (await rejection(
      ask(at, { host: conformanceHost(), signal: http.controller.signal }),
    )) as SecretError;
    expect([error.code, error.reason]).toEqual([code, "cloud-identity"]);
    expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain("s3cret-fixture");
  });
});

function endpointsAt(authority: string): object {
  const base = `${authority}/adfs`;
  return {
    issuer: base,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    jwks_uri: `${base}/keys`,
  };
}
