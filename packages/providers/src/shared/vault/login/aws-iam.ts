import { byServerClock } from "../../store/by-server-clock.ts";
import type { VaultAuth } from "../answer.ts";
import { type Login, type LoginContext, requestLogin } from "./login.ts";

/** The option `auth` with `method: "aws-iam"` after validation. */
export interface AwsIamLoginOptions {
  readonly method: "aws-iam";
  readonly mount: string;
  /** The role of Vault. Default: the one with the name of the IAM role or user. */
  readonly role?: string | undefined;
  /** The region of the STS. Default: the global endpoint, which is in us-east-1. */
  readonly region?: string | undefined;
  /** The STS that Vault calls, if its address does not follow from the region. */
  readonly endpoint?: string | undefined;
  /** The `iam_server_id_header_value` of the mount. */
  readonly serverId?: string | undefined;
}

/**
 * Creates a login with the IAM identity of this process. It signs a request for its identity, which Vault sends to STS; Vault does
 * not receive the keys.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/aws#login
 */
export function createAwsIamLogin(options: AwsIamLoginOptions): Login {
  return {
    method: options.method,
    ownsToken: true,
    async login(context) {
      const { api, host } = context;
      const parts = { serverNow: () => api.serverNow(), host };
      return byServerClock(() => signedLogin(options, context), parts, context);
    },
  };
}

async function signedLogin(options: AwsIamLoginOptions, context: LoginContext): Promise<VaultAuth> {
  const { signCallerQuestion } = await import("../../cloud/proofs.ts");
  const { role, mount, region = "us-east-1", serverId } = options;
  const sts = stsUrl(options);
  const { headers, body } = await signCallerQuestion(
    {
      method: "POST",
      sts,
      region,
      at: context.api.serverNow(),
      ...(serverId !== undefined && { headers: { "x-vault-aws-iam-server-id": serverId } }),
    },
    context,
  );
  const question = {
    iam_http_request_method: "POST",
    iam_request_url: base64(sts.href),
    iam_request_body: base64(body),
    iam_request_headers: base64(JSON.stringify(headers)),
  };
  const request = { path: "auth/{+mount}/login", values: { mount }, json: { role, ...question } };
  return requestLogin(request, context, refused);
}

function stsUrl({ region, endpoint }: Pick<AwsIamLoginOptions, "region" | "endpoint">): URL {
  if (endpoint !== undefined) return new URL(endpoint);
  if (region === undefined) return new URL("https://sts.amazonaws.com/");
  return new URL(`https://sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

const refused =
  "Check the role's bound_iam_principal_arn, the mount's sts_endpoint, sts_region and iam_server_id_header_value, and Vault's clock, whose time the request is signed with.";
