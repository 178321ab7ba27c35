import { type Login, requestLogin } from "./login.ts";

/** The option `auth` with `method: "cert"` after validation. */
export interface CertificateLoginOptions {
  readonly method: "cert";
  readonly mount: string;
  /** The only role to try. Default: any role that matches the certificate. */
  readonly name?: string | undefined;
}

/**
 * Creates a login with the client certificate of the connection: `tls.certificate` and `tls.key` of the provider, which are read
 * again before each request. Vault requires the same certificate to renew the token.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/cert#login-with-tls-certificate-method
 */
export function createCertificateLogin({ method, mount, name }: CertificateLoginOptions): Login {
  return {
    method,
    ownsToken: true,
    login: (context) => requestLogin({ path: "auth/{+mount}/login", values: { mount }, json: { name } }, context, tip),
  };
}

const tip =
  "Check whether `tls.certificate` and `tls.key` are set and match a role, and whether a proxy in front of Vault terminates TLS, which hides them.";
