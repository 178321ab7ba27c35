import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";

/** Where a program finds the one secret that all stores hold. */
export interface StorePlace {
  /** Of the server that speaks for all stores that are asked over HTTP. */
  readonly url: string;
  /** Of the same over TLS, with a certificate that nobody has signed. It demands a token, as a vault of Azure does. */
  readonly secureUrl: string;
  /** A mounted volume, as the kubelet lays it out, with the file `password`. */
  readonly volume: string;
  readonly kubeconfig: string;
}

/** Stores on the loopback that answer at once, so that what a client costs is all that is measured. */
export interface LoopbackStore extends StorePlace, AsyncDisposable {}

/** The password of `db` in every store. */
export const password = "s3cret-fixture";

/** method and path, or the action of AWS or Alibaba -> answer, of each store that a contender asks */
const answers: ReadonlyMap<string, unknown> = new Map([
  ["GET /v1/auth/token/lookup-self", { data: { ttl: 0, renewable: false, type: "service", policies: ["app"] } }],
  [
    "GET /v1/secret/data/db",
    {
      data: {
        data: { password },
        metadata: { version: 1, created_time: "2026-01-01T00:00:00Z", deletion_time: "", destroyed: false },
      },
    },
  ],
  [
    "GET /api/v1/namespaces/default/secrets/db",
    {
      kind: "Secret",
      apiVersion: "v1",
      metadata: { name: "db", namespace: "default", uid: "0b8f6c1e", resourceVersion: "5" },
      type: "Opaque",
      data: { password: Buffer.from(password).toString("base64") },
    },
  ],
  [
    "secretsmanager.GetSecretValue",
    {
      ARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf",
      Name: "db",
      VersionId: "c0ffee00-0000-0000-0000-000000000001",
      SecretString: JSON.stringify({ password }),
      VersionStages: ["AWSCURRENT"],
      CreatedDate: 1_767_225_600,
    },
  ],
  [
    "AmazonSSM.GetParameter",
    {
      Parameter: {
        Name: "/db",
        ARN: "arn:aws:ssm:us-east-1:123456789012:parameter/db",
        Type: "SecureString",
        Value: password,
        Version: 1,
        LastModifiedDate: 1_767_225_600,
        DataType: "text",
      },
    },
  ],
  [
    "GET /computeMetadata/v1/instance/service-accounts/default/token",
    { access_token: "t0ken-fixture", expires_in: 3599 },
  ],
  [
    "GET /v1/projects/orders/secrets/db/versions/latest:access",
    { name: "projects/1/secrets/db/versions/1", payload: { data: Buffer.from(password).toString("base64") } },
  ],
  [
    "GET /msi/token",
    { access_token: "t0ken-fixture", expires_on: "4102444800", token_type: "Bearer", resource: "vault" },
  ],
  [
    "GET /secrets/db",
    {
      value: password,
      id: "https://127.0.0.1/secrets/db/4387e9f3d6e14c459867679a90fd0f79",
      attributes: { enabled: true, created: 1_767_225_600, updated: 1_767_225_600 },
    },
  ],
  [
    "GetSecretValue",
    {
      RequestId: "6a3e9c36",
      SecretName: "db",
      VersionId: "v1",
      SecretData: password,
      SecretDataType: "text",
      VersionStages: { VersionStage: ["ACSCurrent"] },
      CreateTime: "2026-01-01T00:00:00Z",
    },
  ],
]);

/** Opens the stores in this process; what asks them runs in others. */
export async function openLoopbackStore(): Promise<LoopbackStore> {
  const open = createServer(answerTo(() => undefined));
  const { cert, private: key } = await generate([{ name: "commonName", value: "127.0.0.1" }], { algorithm: "sha256" });
  const secure: Server = createSecureServer(
    { cert, key },
    answerTo(() => secureUrl),
  );
  for (const server of [open, secure]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(open.address() as AddressInfo).port}`;
  const secureUrl: string = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), "tacit-bench-"));
  return {
    url,
    secureUrl,
    volume: writeVolume(join(folder, "volume")),
    kubeconfig: writeKubeconfig(join(folder, "kubeconfig"), url),
    async [Symbol.asyncDispose]() {
      for (const server of [open, secure]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      rmSync(folder, { recursive: true });
    },
  };
}

/** @param resource for which a token is demanded, where one is */
function answerTo(resource: () => string | undefined): RequestListener {
  return ({ method, url = "", headers }, response) => {
    const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
    if (resource() !== undefined && headers.authorization === undefined) {
      const challenge = `Bearer authorization="https://login.microsoftonline.com/tenant", resource="${resource()}"`;
      return void response.writeHead(401, { "www-authenticate": challenge }).end("{}");
    }
    const action = headers["x-amz-target"] ?? headers["x-acs-action"] ?? searchParams.get("Action");
    const answer = answers.get(String(action ?? `${method} ${pathname.replace(/\/$/, "")}`));
    response.writeHead(answer === undefined ? 404 : 200, {
      "content-type": "application/json",
      "metadata-flavor": "Google",
    });
    response.end(JSON.stringify(answer ?? { errors: [] }));
  };
}

function writeVolume(folder: string): string {
  mkdirSync(join(folder, "..2026_01_01_00_00_00.1"), { recursive: true });
  writeFileSync(join(folder, "..2026_01_01_00_00_00.1", "password"), password);
  symlinkSync("..2026_01_01_00_00_00.1", join(folder, "..data"));
  symlinkSync("..data/password", join(folder, "password"));
  return folder;
}

function writeKubeconfig(file: string, server: string): string {
  const document = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "bench",
    clusters: [{ name: "bench", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "bench", user: { token: "t0ken-fixture" } }],
    contexts: [{ name: "bench", context: { cluster: "bench", user: "bench" } }],
  };
  writeFileSync(file, JSON.stringify(document));
  return file;
}
