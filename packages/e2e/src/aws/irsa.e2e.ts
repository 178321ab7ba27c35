import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { declareSecrets } from "@tacit/core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { hasPrograms } from "../programs/provided.ts";
import { type Sts, startSts } from "../sts/sts.ts";
import { type Administrator, createAdministrator, openService } from "./account.ts";

const namespace = "orders";
const declare = declareSecrets({ mine: { ref: "prod/db" }, other: { ref: "other/db", optional: true } });
const mine = declareSecrets({ mine: { ref: "prod/db" } });

describe.skipIf(!hasPrograms("ministack", "etcd", "kube-apiserver"))("a pod with IRSA", () => {
  let sts: Sts;
  let cluster: Cluster;
  let administrator: Administrator;
  const tokenFile = (): string => join(folder, "token");
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(inject("runFolder"), "irsa-"));
    [sts, cluster] = await Promise.all([startSts(), openCluster()]);
    administrator = await createAdministrator(sts);
    for (const Name of ["prod/db", "other/db"])
      await administrator.secrets.send(new CreateSecretCommand({ Name, SecretString: "s3cret-fixture" }));
    await cluster.administrator.createNamespace(namespace);
    for (const name of ["app", "stranger"])
      await cluster.administrator.core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
    vi.stubEnv("AWS_ROLE_ARN", await createRole("app"));
    vi.stubEnv("AWS_WEB_IDENTITY_TOKEN_FILE", tokenFile());
    vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  });
  afterEach(() => writeFileSync(tokenFile(), "gone"));
  afterAll(async () => {
    vi.unstubAllEnvs();
    administrator?.secrets.destroy();
    await cluster?.close();
    await sts?.close();
  });

  /** A role for one service account, which may read one secret. */
  async function createRole(account: string): Promise<string> {
    const issuer = "kubernetes.default.svc";
    const trust = {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::000000000000:oidc-provider/${issuer}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${account}` },
        // A token of Kubernetes has a list of audiences.
        "ForAnyValue:StringEquals": { [`${issuer}:aud`]: "sts.amazonaws.com" },
      },
    };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
    const role = await sts.iam({ Action: "CreateRole", RoleName: account, AssumeRolePolicyDocument });
    const grants = [
      {
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: "arn:aws:secretsmanager:*:*:secret:prod/*",
      },
      { Effect: "Allow", Action: "secretsmanager:BatchGetSecretValue", Resource: "*" },
    ];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: grants });
    await sts.iam({ Action: "PutRolePolicy", RoleName: account, PolicyName: "secrets", PolicyDocument });
    return /<Arn>([^<]+)<\/Arn>/.exec(role)?.[1] ?? "";
  }

  /** Puts a token where the kubelet mounts it. */
  async function mount(account: string, audience = "sts.amazonaws.com"): Promise<void> {
    const request = { audiences: [audience] };
    writeFileSync(tokenFile(), await cluster.administrator.requestToken(namespace, account, request));
  }

  test("reads with the role of its service account, and is denied what that may not read", async () => {
    await mount("app");
    const service = openService(sts, { use: "aws-secrets-manager", declare });
    await expect(service.ready()).rejects.toMatchObject({ errors: [{ code: "PERMISSION_DENIED", reason: "iam" }] });
    expect(service.latest("mine").reveal()).toBe("s3cret-fixture");
    await service.close();
  });

  test("says who it is, and by which policy it could read everything that it asked for", async () => {
    await mount("app");
    const service = openService(sts, { use: "aws-secrets-manager", declare: mine });
    await service.ready();
    const findings = await service.diagnose();
    const identity = findings.find(({ code }) => code === "identity");
    expect(identity?.message).toContain("assumed-role/app/");
    await service.close();
  });

  test.each([
    ["of another service account", "stranger", "sts.amazonaws.com"],
    ["for another audience", "app", "vault"],
  ])("is refused with a token %s, and logs in when the right one is mounted", async (_, account, audience) => {
    await mount(account, audience);
    const service = openService(sts, { use: "aws-secrets-manager", declare: mine });
    const ready = service.ready();
    await expect(ready).rejects.toMatchObject({ errors: [{ code: "UNAUTHENTICATED", reason: "cloud-identity" }] });
    await mount("app");
    await expect.poll(() => service.health().secrets[0]?.state, { timeout: 30_000 }).toBe("live");
    expect(service.latest("mine").reveal()).toBe("s3cret-fixture");
    await service.close();
  });
});
