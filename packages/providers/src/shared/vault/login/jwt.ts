import type { CredentialSource } from "@tacit/core/provider";
import { credentialWord } from "../../credential-text.ts";
import { type Login, requestLogin } from "./login.ts";

/** The option `auth` with `method: "jwt"` after validation. */
export interface JwtLoginOptions {
  readonly method: "jwt";
  readonly mount: string;
  /** Default: the `default_role` of the mount. */
  readonly role?: string | undefined;
  readonly jwt: CredentialSource;
}

/**
 * Creates a login with a JWT of an identity provider, such as that of a CI job.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#jwt-login
 */
export function createJwtLogin({ method, mount: path, role: name, jwt: source }: JwtLoginOptions): Login {
  return {
    method,
    ownsToken: true,
    async login(context) {
      const jwt = await credentialWord(source, "JWT", context.host);
      return requestLogin(
        { path: "auth/{+mount}/login", values: { mount: path }, json: { role: name, jwt } },
        context,
        tip,
      );
    },
  };
}

const tip =
  "Check the role's bound_audiences, bound_subject and bound_claims, the mount's issuer and keys, and whether the JWT has expired.";
