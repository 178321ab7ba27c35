import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { credential, optional, required, text, withDefault } from "../../options.ts";
import { serviceAccountToken } from "../../service-account.ts";
import { isMount } from "../path.ts";
import type { AppRoleLoginOptions } from "./app-role.ts";
import type { AwsIamLoginOptions } from "./aws-iam.ts";
import type { AzureLoginOptions } from "./azure.ts";
import type { CertificateLoginOptions } from "./certificate.ts";
import type { GcpLoginOptions } from "./gcp.ts";
import type { JwtLoginOptions } from "./jwt.ts";
import type { KubernetesLoginOptions } from "./kubernetes.ts";
import type { PasswordLoginOptions } from "./password.ts";

/** The option `auth` of a `vault` provider after validation. */
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

/** The schema of a role of a login method. */
const role = z.string().check(z.regex(/^[\w.-]+$/, "must be the name of a role: letters, digits, _ . and -"));

const appRole = z
  .strictObject({
    method: z.literal("approle"),
    mount: mount("approle"),
    roleId: required("The role id. Read again at each login.", credential),
    secretId: optional(
      "The secret id, or a wrapping token for it. Read again at each login; not every role requires one.",
      credential,
    ),
    creationPath: optional(
      "Declares that `secretId` is a wrapping token, and the path that must have created its response: `auth/<mount>/role/<role>/secret-id`.",
      z
        .string()
        .check(
          z.refine(
            (path) => isMount(path) && /^(.+\/)?auth\/.+\/role\/[^/]+\/(custom-)?secret-id$/.test(path),
            "must be auth/<mount>/role/<role>/secret-id",
          ),
        ),
    ),
  })
  .check(
    z.refine(({ creationPath, secretId }) => creationPath === undefined || secretId !== undefined, {
      path: ["secretId"],
      error: "must contain the wrapping token, because `creationPath` is set",
    }),
  );

const kubernetes = z.strictObject({
  method: z.literal("kubernetes"),
  mount: mount("kubernetes"),
  role: required("The role, which lists the service accounts and namespaces that may log in.", role),
  jwt: withDefault(
    "A service account token, read again at each login; by default the one mounted into the pod.",
    serviceAccountToken,
    credential,
  ),
});

const jwt = z.strictObject({
  method: z.literal("jwt"),
  mount: mount("jwt", "Where the method is mounted below auth/; a mount of type oidc takes JWTs too."),
  role: optional("The role; by default the `default_role` of the mount.", role),
  jwt: required("A JWT from an issuer that the mount trusts. Read again at each login.", credential),
});

const passwordOptions = {
  username: required(
    "The user name.",
    z.string().check(
      // The user name becomes one segment of a path.
      z.regex(
        /^(?!\.{1,2}$)[^/\\%\p{Cc}]+$/u,
        'must be a user name without "/", "\\" and "%", such as "app" or "app@example.org"',
      ),
    ),
  ),
  password: required("The password of the user. Read again at each login.", credential),
};
const userpass = z.strictObject({ method: z.literal("userpass"), mount: mount("userpass"), ...passwordOptions });
const ldap = z.strictObject({ method: z.literal("ldap"), mount: mount("ldap"), ...passwordOptions });

const cert = z.strictObject({
  method: z.literal("cert"),
  mount: mount("cert"),
  name: optional("The only role to try; by default any role that matches the certificate.", role),
});

const awsIam = z.strictObject({
  method: z.literal("aws-iam"),
  mount: mount("aws"),
  role: optional("The role; by default the one with the name of the IAM role or user.", role),
  region: optional(
    "The region of the STS to sign for, the same as `sts_region` of the mount; by default the global STS in us-east-1.",
    z.string().check(z.regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'must be a region, such as "eu-central-1"')),
  ),
  endpoint: optional(
    "The `sts_endpoint` of the mount, if it does not follow from the region. Only Vault connects to it.",
    z
      .url({ protocol: /^https?$/, error: "must be an http or https URL" })
      .check(z.refine((url) => !/[?#@]/.test(url), "must have no user name, query or fragment")),
  ),
  serverId: optional(
    "The `iam_server_id_header_value` of the mount; it makes a signature useless at any other Vault.",
    z.string().check(z.regex(/^[\x21-\x7e]+$/, "must be one word of visible ASCII")),
  ),
});

const email = z
  .string()
  .check(z.regex(/^[\w.+-]+@[\w.-]+$/, 'must be an address, such as "app@project.iam.gserviceaccount.com"'));
const gcp = z.discriminatedUnion("type", [
  z.strictObject({
    method: z.literal("gcp"),
    type: required("The identity of the instance, from its metadata server.", z.literal("gce")),
    mount: mount("gcp"),
    role: required("The role, of type `gce`, or of type `iam` with `allow_gce_inference`.", role),
    serviceAccount: withDefault(
      "The service account of the instance.",
      "default",
      z.union([z.literal("default"), email]),
    ),
  }),
  z
    .strictObject({
      method: z.literal("gcp"),
      type: required("A service account; Google or a key file signs for it.", z.literal("iam")),
      mount: mount("gcp"),
      role: required("The role, of type `iam`.", role),
      serviceAccount: optional("The account to log in as, if Google signs for it.", email),
      key: optional("A service account key file, as the alternative. Read again at each login.", credential),
    })
    .check(
      z.refine(({ serviceAccount, key }) => (serviceAccount === undefined) !== (key === undefined), {
        path: ["serviceAccount"],
        error: "must be given, or else `key`, not both",
      }),
    ),
]);

const azure = z.strictObject({
  method: z.literal("azure"),
  mount: mount("azure"),
  role: required("The role.", role),
  resource: withDefault(
    "The audience of the token: exactly the `resource` of the mount.",
    "https://management.azure.com/",
    text,
  ),
  identity: withDefault(
    "The identity to use: the managed identity of the machine, or the workload identity of a pod (needs `@azure/identity`).",
    "managed",
    z.enum(["managed", "workload"]),
  ),
  clientId: optional("The client id, if there are several managed identities.", text),
  machine: optional(
    "The machine that Vault looks up if the role is bound to one; by default as the machine with the managed identity reports it.",
    z.strictObject({
      subscriptionId: optional("The subscription.", text),
      resourceGroupName: optional("The resource group.", text),
      vmName: optional("The virtual machine.", text),
      vmssName: optional("The scale set, if the machine belongs to one.", text),
      resourceId: optional("The full id of any other resource.", text),
    }),
  ),
});

/** The schema of `auth`, with one member for each method. */
export const loginOptions: z.ZodMiniType<LoginOptions, unknown> = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal("token"),
    token: optional("The token; by default from `BAO_TOKEN`, else `VAULT_TOKEN`.", credential),
  }),
  z.strictObject({
    method: z.literal("token-file"),
    file: optional("The file with the token; by default `~/.vault-token`. Read again at each login.", text),
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

/** Defines the option `mount` of a login method. */
function mount(
  byDefault: string,
  description = "The mount of the method below `auth/`.",
): z.ZodMiniPrefault<z.ZodMiniString> {
  const path = z
    .string()
    .check(
      z.refine(
        (written) => isMount(written) && !written.startsWith("auth/"),
        `must be a path below auth/, such as "${byDefault}", without "auth/"`,
      ),
    );
  return withDefault(description, byDefault, path);
}
