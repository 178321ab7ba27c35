import { conformanceHost } from "@tacit/core/conformance";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeCertificate, openHttpFixture, rejection } from "../../../test/http-fixture.ts";
import { AzureLogin } from "./azure-login.ts";

beforeEach(() => {
  for (const name of Object.keys(process.env).filter((each) => /^AZURE_/.test(each))) vi.stubEnv(name, undefined);
  vi.stubEnv("CLIENT_SECRET", "s3cret-fixture-secret\n").stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
});
afterEach(() => void vi.unstubAllEnvs());

test("an application sends its secret and the required claims, and reports the pause that Entra asks for", async () => {
  await using http = openHttpFixture();
  const asked: URLSearchParams[] = [];
  let status = 200;
  const entra = await http.serveSecurely(await makeCertificate(), async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const base = `${entra.url}/adfs`;
    const endpoints = { issuer: base, authorization_endpoint: base, token_endpoint: `${base}/token`, jwks_uri: base };
    if (message.method === "POST") asked.push(new URLSearchParams(Buffer.concat(chunks).toString()));
    const isToken = message.method === "POST" && status === 200;
    const token = { access_token: "s3cret-fixture-token", expires_in: 3599, token_type: "Bearer" };
    const headers = { "content-type": "application/json", "retry-after": "3" };
    response.writeHead(message.method === "POST" ? status : 200, headers);
    response.end(JSON.stringify(isToken ? token : message.method === "POST" ? {} : endpoints));
  });
  const host = conformanceHost();
  // The authority is a custom identity provider; for Azure's own, the library would query the internet.
  const auth = { method: "client-secret", tenantId: "adfs", clientId: "c", secret: { $env: "CLIENT_SECRET" } } as const;
  const login = new AzureLogin(auth, {});
  const claims = '{"access_token":{"nbf":{"essential":true}}}';
  const question = { scope: "https://vault.azure.net/.default", claims, authorityHost: entra.url };
  const context = { host, signal: http.controller.signal };
  const issued = await login.token(question, context);
  expect(issued).toEqual({ token: "s3cret-fixture-token", lifeMs: expect.closeTo(3_599_000, -5) });
  expect(asked[0]?.get("client_secret")).toBe("s3cret-fixture-secret");
  expect(JSON.parse(asked[0]?.get("claims") ?? "")).toMatchObject({ access_token: { nbf: { essential: true } } });
  expect(host.protected.map(({ value }) => value)).toEqual(
    expect.arrayContaining(["s3cret-fixture-secret", "s3cret-fixture-token"]),
  );
  // Nothing is cached: the next token is another request.
  await login.token(question, context);
  expect(asked).toHaveLength(2);
  for (const [next, code] of [
    [429, "THROTTLED"],
    [503, "UNAVAILABLE"],
  ] as const) {
    status = next;
    const error = await rejection(login.token(question, context));
    expect(error).toMatchObject({ code, reason: "cloud-identity", retryAfterMs: 3000 });
  }
});
