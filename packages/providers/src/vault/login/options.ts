import type { CredentialSource } from "@tacit/core/provider";
import { z } from "zod";
import { credential, text } from "../../shared/options.ts";
import { isMount } from "../path.ts";
import type { AppRoleLoginOptions } from "./app-role.ts";
import type { AwsIamLoginOptions } from "./aws-iam.ts";
import type { AzureLoginOptions } from "./azure.ts";
import type { CertificateLoginOptions } from "./certificate.ts";
import type { GcpLoginOptions } from "./gcp.ts";
import type { JwtLoginOptions } from "./jwt.ts";
import { type KubernetesLoginOptions, serviceAccountToken } from "./kubernetes.ts";
import type { PasswordLoginOptions } from "./password.ts";

/** `auth` of a `vault` provider after validation. */
export type LoginOptions =
  | { readonly method: "token"; readonly token?: CredentialSource | undefined }
  | { readonly method: "token-file"; readonly file?: string | undefined }
  | { readonly method: "none" }
  | AppRoleLoginOptions
  | KubernetesLoginOptions
  | JwtLoginOptions
  | PasswordLoginOptions
  | CertificateLoginOptions
  | AwsIamLoginOptions
  | GcpLoginOptions
  | AzureLoginOptions;

/** A role of a login method. */
const role = z.string().regex(/^[\w.-]+$/, "must be the name of a role: letters, digits, _ . and -");

const mountedAt = "Where the method is mounted below auth/.";

const appRole = z
  .strictObject({
    method: z.literal("approle"),
    mount: mount("approle").describe(mountedAt),
    roleId: credential.describe("The role id. Read again at each login."),
    secretId: credential
      .optional()
      .describe("The secret id, or a wrapping token for it. Read again at each login; a role may need none."),
    creationPath: z
      .string()
      .refine(
        (path) => isMount(path) && /^(.+\/)?auth\/.+\/role\/[^/]+\/(custom-)?secret-id$/.test(path),
        "must be auth/<mount>/role/<role>/secret-id",
      )
      .optional()
      .describe(
        "Says that secretId is a wrapping token, and where its response must have been made: auth/<mount>/role/<role>/secret-id.",
      ),
  })
  .refine(({ creationPath, secretId }) => creationPath === undefined || secretId !== undefined, {
    path: ["secretId"],
    message: "must hold the wrapping token that `creationPath` speaks of",
  });

const kubernetes = z.strictObject({
  method: z.literal("kubernetes"),
  mount: mount("kubernetes").describe(mountedAt),
  role: role.describe("The role, which names the service accounts and namespaces that may log in."),
  jwt: credential
    .default({ $file: serviceAccountToken })
    .describe(
      "The token of a service account, read again at each login; by default the one that is mounted into the pod.",
    ),
});

const jwt = z.strictObject({
  method: z.literal("jwt"),
  mount: mount("jwt").describe("Where the method is mounted below auth/; a mount of type oidc takes JWTs too."),
  role: role.optional().describe("The role; by default the default_role of the mount."),
  jwt: credential.describe("A JWT of the issuer that the mount trusts. Read again at each login."),
});

const passwordOptions = {
  username: z
    .string()
    // It becomes one segment of a path.
    .regex(
      /^(?!\.{1,2}$)[^/\\%\p{Cc}]+$/u,
      'must be a user name without "/", "\\" and "%", such as "app" or "app@example.org"',
    )
    .describe("The name of the user."),
  password: credential.describe("The password of the user. Read again at each login."),
};
const userpass = z.strictObject({
  method: z.literal("userpass"),
  mount: mount("userpass").describe(mountedAt),
  ...passwordOptions,
});
const ldap = z.strictObject({
  method: z.literal("ldap"),
  mount: mount("ldap").describe(mountedAt),
  ...passwordOptions,
});

const cert = z.strictObject({
  method: z.literal("cert"),
  mount: mount("cert").describe(mountedAt),
  name: role.optional().describe("The one role to be tried; by default any whose certificate matches."),
});

const awsIam = z.strictObject({
  method: z.literal("aws-iam"),
  mount: mount("aws").describe(mountedAt),
  role: role.optional().describe("The role; by default the one called like the IAM role or user."),
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'must be a region, such as "eu-central-1"')
    .optional()
    .describe(
      "Signs for the STS of this region, as sts_region of the mount says; by default the global one, of us-east-1.",
    ),
  endpoint: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .refine((url) => !/[?#@]/.test(url), "must have no user name, query or fragment")
    .optional()
    .describe("The sts_endpoint of the mount, where it does not follow from the region. Only Vault asks it."),
  serverId: z
    .string()
    .regex(/^[\x21-\x7e]+$/, "must be one word of visible ASCII")
    .optional()
    .describe("The iam_server_id_header_value of the mount: a signature for another Vault is then worth nothing here."),
});

const email = z
  .string()
  .regex(/^[\w.+-]+@[\w.-]+$/, 'must be an address, such as "app@project.iam.gserviceaccount.com"');
const gcp = z.discriminatedUnion("type", [
  z.strictObject({
    method: z.literal("gcp"),
    type: z.literal("gce").describe("The identity of the instance, of the metadata server beside it."),
    mount: mount("gcp").describe(mountedAt),
    role: role.describe("The role, of type gce, or of type iam with allow_gce_inference."),
    serviceAccount: z
      .union([z.literal("default"), email])
      .default("default")
      .describe("One of the instance's accounts."),
  }),
  z
    .strictObject({
      method: z.literal("gcp"),
      type: z.literal("iam").describe("A service account, for which Google or a key file signs."),
      mount: mount("gcp").describe(mountedAt),
      role: role.describe("The role, of type iam."),
      serviceAccount: email.optional().describe("The account to log in as; Google signs for it."),
      key: credential.optional().describe("A service account key file in its place. Read again at each login."),
    })
    .refine(({ serviceAccount, key }) => (serviceAccount === undefined) !== (key === undefined), {
      path: ["serviceAccount"],
      message: "must be given, or else `key`, not both",
    }),
]);

const azure = z.strictObject({
  method: z.literal("azure"),
  mount: mount("azure").describe(mountedAt),
  role: role.describe("The role."),
  resource: text
    .default("https://management.azure.com/")
    .describe("For whom the token is: exactly the resource of the mount."),
  identity: z
    .enum(["managed", "workload"])
    .default("managed")
    .describe("Whose token: the machine's managed identity, or the workload identity of a pod (@azure/identity)."),
  clientId: text.optional().describe("The client id of one of several managed identities."),
  machine: z
    .strictObject({
      subscriptionId: text.optional(),
      resourceGroupName: text.optional(),
      vmName: text.optional(),
      vmssName: text.optional(),
      resourceId: text.optional(),
    })
    .optional()
    .describe(
      "What Vault looks up where the role is bound to it; by default what a machine with a managed identity says.",
    ),
});

/** What the config document may say about `auth`. One member for each method. */
export const loginOptions: z.ZodType<LoginOptions> = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal("token"),
    token: credential.optional().describe("The token; by default the variable BAO_TOKEN, else VAULT_TOKEN."),
  }),
  z.strictObject({
    method: z.literal("token-file"),
    file: text
      .optional()
      .describe("The file that holds the token; by default ~/.vault-token. Read again at each login."),
  }),
  z.strictObject({ method: z.literal("none") }),
  appRole,
  kubernetes,
  jwt,
  userpass,
  ldap,
  cert,
  awsIam,
  gcp,
  azure,
]);

/** Where a login method is mounted, below `auth/`. */
function mount(byDefault: string): z.ZodDefault<z.ZodString> {
  return z
    .string()
    .refine(
      (path) => isMount(path) && !path.startsWith("auth/"),
      `must be a path below auth/, such as "${byDefault}", without "auth/"`,
    )
    .default(byDefault);
}
