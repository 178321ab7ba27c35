import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a program finds the one secret that all stores hold. */
export interface StorePlace {
  /** Of the server that speaks for all stores that are asked over HTTP. */
  readonly url: string;
  /** A mounted volume, as the kubelet lays it out, with the file `password`. */
  readonly volume: string;
  readonly kubeconfig: string;
}

/** Stores on the loopback that answer at once, so that what a client costs is all that is measured. */
export interface LoopbackStore extends StorePlace, AsyncDisposable {}

/** The password of `db` in every store. */
export const password = "s3cret-fixture";

/** method and path, or the target of AWS -> answer, of each store that a contender asks */
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
]);

/** Opens the stores in this process; what asks them runs in others. */
export async function openLoopbackStore(): Promise<LoopbackStore> {
  const server = createServer(({ method, url, headers }, response) => {
    const answer = answers.get(String(headers["x-amz-target"] ?? `${method} ${url}`));
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { errors: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), "tacit-bench-"));
  return {
    url,
    volume: writeVolume(join(folder, "volume")),
    kubeconfig: writeKubeconfig(join(folder, "kubeconfig"), url),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
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
