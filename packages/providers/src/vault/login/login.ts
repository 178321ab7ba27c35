import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { VaultApi, VaultAuth, VaultRequest } from "../vault-api.ts";

/** What a login may use. */
export interface LoginContext extends CallContext {
  readonly api: VaultApi;
  readonly host: ProviderHost;
}

/** A way to get a token. It keeps nothing but what its protocol needs: it is asked for each login, one at a time. */
export interface Login {
  /** As the config document calls it. */
  readonly method: string;
  /** Whether the token was made by the login, so that it is revoked on close; one from outside never is. */
  readonly ownsToken: boolean;
  /**
   * Gets a token.
   * @throws {SecretError} UNAUTHENTICATED where it is refused, INVALID_CONFIG, or what `VaultApi.call` throws
   */
  login(context: LoginContext): Promise<VaultAuth>;
}

/**
 * Sends the request of a login, for those methods that have one.
 * @throws {SecretError} UNAUTHENTICATED `login-refused` for 400, 401 and 403; INTERNAL `malformed-answer` for an answer without a token
 */
export async function requestLogin(request: VaultRequest, { api, signal }: LoginContext): Promise<VaultAuth> {
  const answer = await api.call({ method: "POST", ...request, accept: [400, 401, 403] }, { signal });
  if (answer.status >= 400) {
    throw new SecretError("UNAUTHENTICATED", `the login was refused with ${answer.status}`, {
      reason: "login-refused",
      tip: "Look at the login method's mount, its role and the credential; Vault's audit log has the request.",
    });
  }
  if (answer.auth !== undefined) return answer.auth;
  throw new SecretError("INTERNAL", "a login was answered without a token", {
    reason: "malformed-answer",
    tip: "Check that the login method's mount leads to a login.",
  });
}
