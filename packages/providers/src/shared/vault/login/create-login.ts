import type { Environment } from "../environment.ts";
import { createAppRoleLogin } from "./app-role.ts";
import { createAwsIamLogin } from "./aws-iam.ts";
import { createAzureLogin } from "./azure.ts";
import { createCertificateLogin } from "./certificate.ts";
import { createGcpLogin } from "./gcp.ts";
import { createJwtLogin } from "./jwt.ts";
import { createKubernetesLogin } from "./kubernetes.ts";
import type { Login } from "./login.ts";
import type { LoginOptions } from "./options.ts";
import { createTokenFileLogin, createTokenLogin } from "./outside-token.ts";
import { createPasswordLogin } from "./password.ts";

/**
 * Creates the login of `auth.method`. Performs no I/O.
 * @returns undefined for `none`, with which an Agent or Proxy adds the token
 */
export function createLogin(options: LoginOptions, environment: Environment): Login | undefined {
  switch (options.method) {
    case "token":
      return createTokenLogin(options, environment);
    case "token-file":
      return createTokenFileLogin(options, environment);
    case "none":
      return undefined;
    case "approle":
      return createAppRoleLogin(options);
    case "kubernetes":
      return createKubernetesLogin(options);
    case "jwt":
      return createJwtLogin(options);
    case "userpass":
    case "ldap":
      return createPasswordLogin(options);
    case "cert":
      return createCertificateLogin(options);
    case "aws-iam":
      return createAwsIamLogin(options);
    case "gcp":
      return createGcpLogin(options, environment);
    case "azure":
      return createAzureLogin(options, environment);
  }
}
