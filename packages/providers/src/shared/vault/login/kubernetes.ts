import type { CredentialSource } from "@tacit/core/provider";
import { credentialWord } from "../../credential-text.ts";
import { type Login, requestLogin } from "./login.ts";

/** The option `auth` with `method: "kubernetes"` after validation. */
export interface KubernetesLoginOptions {
  readonly method: "kubernetes";
  readonly mount: string;
  readonly role: string;
  readonly jwt: CredentialSource;
}

/**
 * Creates a login with the service account of the pod. The token is read at each login, since the kubelet replaces it before it expires.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#login
 */
export function createKubernetesLogin(options: KubernetesLoginOptions): Login {
  return {
    method: options.method,
    ownsToken: true,
    async login(context) {
      const jwt = await credentialWord(options.jwt, "service account token", context.host);
      const json = { role: options.role, jwt };
      return requestLogin({ path: "auth/{+mount}/login", values: { mount: options.mount }, json }, context, tip);
    },
  };
}

const tip =
  "Check the role's bound service accounts, namespaces and audience, and whether Vault may review tokens (system:auth-delegator).";
