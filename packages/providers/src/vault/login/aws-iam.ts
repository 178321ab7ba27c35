import { askCloud } from "./cloud-identity.ts";
import { type Login, requestLogin } from "./login.ts";
import { missingPeer } from "./optional-peer.ts";

/** `auth` with `method: "aws-iam"` after validation. */
export interface AwsIamLoginOptions {
  readonly method: "aws-iam";
  readonly mount: string;
  /** Default: the role of Vault that is called like the IAM role or user. */
  readonly role?: string | undefined;
  /** Signs for STS of this region. Default: the global endpoint, which is in us-east-1. */
  readonly region?: string | undefined;
  /** The STS that Vault is told to ask, where its address does not follow from the region. */
  readonly endpoint?: string | undefined;
  /** `iam_server_id_header_value` of the mount. */
  readonly serverId?: string | undefined;
}

/**
 * Logs in as the IAM identity of this process. It signs a question to STS, "who am I?", which Vault puts in its place; the
 * keys themselves stay here. They come from where every AWS SDK takes them: variables, profiles, a web identity, a
 * container or an instance, looked at anew for each login.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/aws#login
 */
export function createAwsIamLogin(options: AwsIamLoginOptions): Login {
  return {
    method: options.method,
    ownsToken: true,
    async login(context) {
      const { host } = context;
      const { fromNodeProviderChain } = await importCredentialProviders();
      const { signCallerIdentity } = await import("./aws-signature.ts");
      const { region } = options;
      // Files that the SDK keeps in memory may have been replaced since.
      const chain = fromNodeProviderChain({
        ignoreCache: true,
        ...(region !== undefined && { clientConfig: { region } }),
      });
      const credentials = await askCloud("AWS credentials", missing, chain, context);
      host.protect(credentials.secretAccessKey, `${host.name}/AWS secret access key`);
      if (credentials.sessionToken !== undefined)
        host.protect(credentials.sessionToken, `${host.name}/AWS session token`);
      const question = await signCallerIdentity(credentials, options, new Date(host.clock.now()));
      const values = { mount: options.mount };
      return requestLogin(
        { path: "auth/{+mount}/login", values, json: { role: options.role, ...question } },
        context,
        refused,
      );
    },
  };
}

const missing =
  "Give this process a role (IRSA, a task role, an instance profile), a profile or variables such as AWS_ACCESS_KEY_ID; `aws sts get-caller-identity` shows what there is.";

const refused =
  "Look at the role's bound_iam_principal_arn, at the mount's sts_endpoint, sts_region and iam_server_id_header_value, and at this machine's clock.";

async function importCredentialProviders(): Promise<typeof import("@aws-sdk/credential-providers")> {
  try {
    return await import("@aws-sdk/credential-providers");
  } catch (cause) {
    throw missingPeer("@aws-sdk/credential-providers@3", cause);
  }
}
