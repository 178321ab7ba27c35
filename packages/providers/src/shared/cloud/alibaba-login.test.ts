import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conformanceHost } from "@tacit/core/conformance";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openHttpFixture, rejection } from "../../../test/http-fixture.ts";
import { AlibabaLogin } from "./alibaba-login.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tacit-alibaba-"));
  writeFileSync(join(directory, "token"), "s3cret-fixture-token");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

test.each([
  [{}, "sts.aliyuncs.com"],
  [{ ALIBABA_CLOUD_STS_REGION: "eu-central-1" }, "sts.eu-central-1.aliyuncs.com"],
  [
    { ALIBABA_CLOUD_STS_REGION: "eu-central-1", ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true" },
    "sts-vpc.eu-central-1.aliyuncs.com",
  ],
  [{ ALIBABA_CLOUD_STS_REGION: "evil.example/" }, "sts.aliyuncs.com"],
])("a pod with %j calls %s, through the proxy of the environment", async (variables, sts) => {
  await using http = openHttpFixture();
  const asked: string[] = [];
  const proxy = await http.serveRaw((socket) => {
    socket.once("data", (head: Buffer) => {
      asked.push(head.toString().split("\r\n")[0] ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    });
  });
  for (const name of ["HTTPS_PROXY", "https_proxy"]) vi.stubEnv(name, proxy.url.replace(/^\w+/, "http"));
  for (const name of ["NO_PROXY", "no_proxy"]) vi.stubEnv(name, undefined);
  const login = new AlibabaLogin(
    { method: "default" },
    {
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: join(directory, "token"),
      ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1:role/orders",
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1:oidc-provider/ack",
      ...variables,
    },
  );
  const error = await rejection(login.keys({ host: conformanceHost(), signal: http.controller.signal }));
  expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "cloud-identity" });
  expect(asked).toEqual([`CONNECT ${sts}:443 HTTP/1.1`]);
});

test("a pod without a complete role gets an error with the required parts, and no request is sent", async () => {
  await using http = openHttpFixture();
  const login = new AlibabaLogin({ method: "rrsa", tokenFile: join(directory, "token") }, {});
  const error = await rejection(login.keys({ host: conformanceHost(), signal: http.controller.signal }));
  expect(error).toMatchObject({
    code: "UNAUTHENTICATED",
    reason: "cloud-identity",
    tip: expect.stringContaining("`roleArn`"),
  });
});
