import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conformanceHost } from "@tacit/core/conformance";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openHttpFixture } from "../../../test/http-fixture.ts";
import { GoogleTokens } from "./google.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tacit-google-"));
  for (const name of Object.keys(process.env).filter((each) => /^(GOOGLE|GCE|GCLOUD|CLOUDSDK)_/.test(each)))
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

test("a token of a workload identity federation asks the token endpoint alone, and no service for a project", async () => {
  await using http = openHttpFixture();
  const asked: string[] = [];
  const endpoint = await http.serve((message, response) => {
    asked.push(message.url ?? "");
    const token = { access_token: "s3cret-fixture-access", expires_in: 3600, token_type: "Bearer" };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(token));
  });
  // Whatever goes to another host goes through here.
  const proxy = await http.serveRaw((socket) => {
    socket.once("data", (head: Buffer) => {
      asked.push(head.toString().split("\r\n")[0] ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    });
  });
  for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
    vi.stubEnv(name, proxy.url.replace(/^\w+/, "http"));
  vi.stubEnv("NO_PROXY", "127.0.0.1");
  vi.stubEnv("no_proxy", "127.0.0.1");
  writeFileSync(join(directory, "subject"), "s3cret-fixture-subject");
  writeFileSync(
    join(directory, "adc.json"),
    JSON.stringify({
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${endpoint.url}/v1/token`,
      credential_source: { file: join(directory, "subject") },
    }),
  );
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", join(directory, "adc.json"));
  const host = conformanceHost();
  const tokens = new GoogleTokens();
  for (let read = 0; read < 2; read += 1)
    expect(await tokens.token({ host, signal: http.controller.signal })).toBe("s3cret-fixture-access");
  expect(asked).toEqual(["/v1/token"]);
  expect(host.protected.map(({ value }) => value)).toContain("s3cret-fixture-access");
});
