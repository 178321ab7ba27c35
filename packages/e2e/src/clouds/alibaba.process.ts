import { writeFileSync } from "node:fs";
import { join } from "node:path";
import openApi from "@alicloud/openapi-client";
import { RuntimeOptions } from "@alicloud/tea-util";
import { bytes, createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { startDouble } from "./double.ts";
import { outcomeOf } from "./outcome.ts";
import type { Scenario } from "./private-network.ts";

/** The official client signs calls to KMS, and Tacit beside it; the double verifies both, and lends keys to the role of a pod. */
const scenario = JSON.parse(process.argv[2] ?? "") as Scenario;
const account = "1234567890123456";
const put = (name: string, content: string): string => {
  writeFileSync(join(scenario.folder, name), content, { mode: 0o600 });
  return join(scenario.folder, name);
};
const double = await startDouble("alibaba-kms/double.ts", "KmsDouble", scenario);
await double.call("put", "prod/db", "first");
await double.call("put", "prod/db", "second");
await double.call("issue", "LTAI-fixture", "s3cret-fixture-key");

// CommonJS, whose default export Node leaves inside.
const {
  default: Client,
  Config,
  OpenApiRequest,
  Params,
} = openApi as unknown as typeof import("@alicloud/openapi-client");
const official = new Client(
  new Config({
    accessKeyId: "LTAI-fixture",
    accessKeySecret: "s3cret-fixture-key",
    endpoint: "kms.eu-central-1.aliyuncs.com",
  }),
);
async function theirs(query: Record<string, string>): Promise<unknown> {
  const params = new Params({
    action: "GetSecretValue",
    version: "2016-01-20",
    protocol: "HTTPS",
    pathname: "/",
    method: "POST",
    authType: "AK",
    style: "RPC",
    reqBodyType: "formData",
    bodyType: "json",
  });
  const answer = await official.callApi(
    params,
    new OpenApiRequest({ query }),
    new RuntimeOptions({ autoretry: false }),
  );
  return (answer as { readonly body: { readonly SecretData: string } }).body.SecretData;
}

/** A client of its own for each question, so that nothing is held. */
async function ours(reference: string, options: object = {}): Promise<string> {
  const secrets = createSecrets({
    adapters,
    config: {
      providers: { kms: { use: "alibaba-kms", region: "eu-central-1", prefix: "prod", ...options } },
      routes: [{ match: "**", to: ["kms"] }],
    },
  });
  try {
    return Buffer.from((await secrets.getSecret(reference, bytes())).reveal()).toString();
  } finally {
    await secrets.close();
  }
}

const seen: Record<string, unknown> = {};
const auth = {
  method: "keys",
  accessKeyId: { $file: put("id", "LTAI-fixture") },
  accessKeySecret: { $file: put("key", "s3cret-fixture-key") },
};
seen.current = [await theirs({ SecretName: "prod/db" }), await ours("db", { auth })];
seen.previous = [
  await theirs({ SecretName: "prod/db", VersionStage: "ACSPrevious" }),
  await ours("db@previous", { auth }),
];
seen.missing = [await outcomeOf(theirs({ SecretName: "prod/none" })), await outcomeOf(ours("none", { auth }))];
const wrong = { ...auth, accessKeySecret: { $file: put("wrong", "s3cret-fixture-wrong") } };
seen.wrongKey = await outcomeOf(ours("db", { auth: wrong }));

process.env.ALIBABA_CLOUD_OIDC_TOKEN_FILE = put("token", "s3cret-fixture-of-another-pod");
process.env.ALIBABA_CLOUD_ROLE_ARN = `acs:ram::${account}:role/orders`;
process.env.ALIBABA_CLOUD_OIDC_PROVIDER_ARN = `acs:ram::${account}:oidc-provider/ack`;
const pod = createSecrets({
  adapters,
  config: {
    providers: { kms: { use: "alibaba-kms", region: "eu-central-1", prefix: "prod" } },
    routes: [{ match: "**", to: ["kms"] }],
  },
});
const failed = await outcomeOf(pod.getSecret("db"));
put("token", "s3cret-fixture-oidc-token");
seen.pod = [failed, await outcomeOf(pod.getSecret("db").then((secret) => secret.reveal()))];
await pod.close();

seen.instance = await ours("db", { instance: "kst-fixture", auth });
await double.answer("/", { status: 503, body: { Code: "ServiceUnavailableTemporary" } });
seen.outage = await outcomeOf(ours("db", { auth }));
await double.answer("/", undefined);
seen.recovered = await ours("db", { auth });
seen.hosts = [...new Set((await double.requests()).map(({ host }) => host))].toSorted();
await double.stop();
process.send?.(seen);
process.disconnect();
