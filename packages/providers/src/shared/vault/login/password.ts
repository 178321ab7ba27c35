import type { CredentialSource } from "@tacit/core/provider";
import { credentialText } from "../../credential-text.ts";
import { type Login, requestLogin } from "./login.ts";

/** The option `auth` with `method: "userpass"` or `"ldap"` after validation. */
export interface PasswordLoginOptions {
  readonly method: "userpass" | "ldap";
  readonly mount: string;
  readonly username: string;
  readonly password: CredentialSource;
}

/**
 * Creates a login with a user name and a password, which is read again at each login.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/userpass#login
 * @see https://developer.hashicorp.com/vault/api-docs/auth/ldap#login-with-ldap-user
 */
export function createPasswordLogin(options: PasswordLoginOptions): Login {
  return {
    method: options.method,
    ownsToken: true,
    async login(context) {
      const password = await credentialText(options.password, "password", context.host);
      const values = { mount: options.mount, username: options.username };
      return requestLogin({ path: "auth/{+mount}/login/{username}", values, json: { password } }, context, tip);
    },
  };
}

const tip = "Check the user name and the password; after several failed logins, Vault locks a user for a while.";
