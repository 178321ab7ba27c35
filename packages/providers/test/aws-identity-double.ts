import { createHash } from "node:crypto";
import type { DoubleAnswer } from "./http-double.ts";
import { StoreDouble, type StoreRequest } from "./store-double.ts";

/** Keys that it gives, for a time. */
export interface GivenKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Who gives keys: an instance, ECS, EKS Pod Identity, SSO, STS for a token of a pod, and STS for a role. */
export type AwsIdentity = "instance" | "task" | "pod" | "sso" | "web-identity" | "role";

/** The role of the instance. */
const role = "orders";
const bearer = "s3cret-fixture-sso-token";

/**
 * What gives AWS keys to whoever runs in the right place: the metadata service of an instance in its second version, that of ECS tasks,
 * the agent of EKS Pod Identity, the portal of SSO, and STS.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 * @see https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
 */
export class AwsIdentityDouble extends StoreDouble {
  /** identity -> the keys that it gives */
  readonly keys = new Map<AwsIdentity, GivenKeys>();
  /** identity -> how often it gave keys */
  readonly given = new Map<AwsIdentity, number>();
  /** What EKS has put into the file of the pod. */
  podToken = "s3cret-fixture-pod-token";
  /** The token of the service account. */
  webToken = "s3cret-fixture-web-token";
  /** Whether nobody is given anything. */
  isDown = false;
  #session = "";

  /** Sets the keys that an identity gives. */
  give(identity: AwsIdentity, keys: GivenKeys): void {
    this.keys.set(identity, keys);
  }

  protected override answer(request: StoreRequest): DoubleAnswer {
    if (this.isDown) return { status: 503, body: "s3cret-fixture" };
    const { path, headers } = request;
    if (path.startsWith("/latest/")) return this.#instance(request);
    if (path === "/v2/credentials/task") return this.#given("task", (keys) => containerKeys(keys));
    if (path === "/v1/credentials") {
      if (headers.authorization !== this.podToken) return { status: 403, body: { code: "AccessDeniedException" } };
      return this.#given("pod", (keys) => containerKeys(keys));
    }
    if (path === "/federation/credentials") {
      if (headers["x-amz-sso_bearer_token"] !== bearer)
        return { status: 401, body: { __type: "UnauthorizedException" } };
      return this.#given("sso", (keys) => ({ roleCredentials: { ...keys, expiration: ends().getTime() } }));
    }
    return request.method === "POST" ? this.#sts(new URLSearchParams(request.body)) : { status: 404 };
  }

  /** Its first version, which needs no session, is off, as it is by default now. */
  #instance({ method, path, headers }: StoreRequest): DoubleAnswer {
    if (path === "/latest/api/token") {
      const isRight = method === "PUT" && Number(headers["x-aws-ec2-metadata-token-ttl-seconds"]) > 0;
      this.#session = createHash("sha256").update(String(Math.random())).digest("base64url");
      return isRight ? { body: this.#session } : { status: 400 };
    }
    if (headers["x-aws-ec2-metadata-token"] !== this.#session || this.#session === "") return { status: 401 };
    const base = "/latest/meta-data/iam/security-credentials/";
    if (path === base) return { body: role };
    if (path !== base + role) return { status: 404 };
    return this.#given("instance", (keys) => ({ Code: "Success", Type: "AWS-HMAC", ...containerKeys(keys) }));
  }

  #sts(form: URLSearchParams): DoubleAnswer {
    const action = form.get("Action") ?? "";
    if (action === "AssumeRole") return this.#given("role", (keys) => stsAnswer(action, keys));
    if (action !== "AssumeRoleWithWebIdentity") return { status: 404 };
    if (form.get("WebIdentityToken") !== this.webToken) return stsRefusal;
    return this.#given("web-identity", (keys) => stsAnswer(action, keys));
  }

  #given(identity: AwsIdentity, body: (keys: GivenKeys) => object | string): DoubleAnswer {
    const keys = this.keys.get(identity);
    if (keys === undefined) return { status: 404 };
    this.given.set(identity, (this.given.get(identity) ?? 0) + 1);
    const content = body(keys);
    return {
      headers: { "content-type": typeof content === "string" ? "text/xml" : "application/json" },
      body: content,
    };
  }
}

/** What `aws sso login` leaves in the folder of a user. */
export const ssoFiles: Readonly<Record<string, string>> = {
  ".aws/config": [
    "[profile dev]",
    "sso_session = corp",
    "sso_account_id = 123456789012",
    "sso_role_name = reader",
    "[sso-session corp]",
    "sso_region = eu-central-1",
    "sso_start_url = https://corp.awsapps.com/start",
  ].join("\n"),
  [`.aws/sso/cache/${createHash("sha1").update("corp").digest("hex")}.json`]: JSON.stringify({
    startUrl: "https://corp.awsapps.com/start",
    region: "eu-central-1",
    accessToken: bearer,
    expiresAt: "2099-01-01T00:00:00Z",
  }),
};

function containerKeys({ accessKeyId, secretAccessKey, sessionToken }: GivenKeys): object {
  const Expiration = ends().toISOString();
  return { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration };
}

function stsAnswer(action: string, { accessKeyId, secretAccessKey, sessionToken }: GivenKeys): string {
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
    <AssumedRoleUser><AssumedRoleId>AROA:pod</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/orders/pod</Arn></AssumedRoleUser>
    <Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>
    <SessionToken>${sessionToken}</SessionToken><Expiration>${ends().toISOString()}</Expiration></Credentials>
  </${action}Result></${action}Response>`;
}

const stsRefusal: DoubleAnswer = {
  status: 403,
  headers: { "content-type": "text/xml" },
  body: "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>s3cret-fixture</Message></Error></ErrorResponse>",
};

/** The SDKs compare it with the clock of the machine. */
function ends(): Date {
  return new Date(Date.now() + 3_600_000);
}
