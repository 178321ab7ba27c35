import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { VaultAnswer, VaultAuth } from "../answer.ts";
import type { VaultApi, VaultRequest } from "../api.ts";
import { missesToken } from "../errors.ts";

/** The context of a login. */
export interface LoginContext extends CallContext {
  readonly api: VaultApi;
  readonly host: ProviderHost;
}

/** A login method. It is called for each login, one at a time, and keeps only the state that its protocol requires. */
export interface Login {
  /** The name in the config document. */
  readonly method: string;
  /** Whether the login creates the token, so that `close` revokes it; an existing token is not revoked. */
  readonly ownsToken: boolean;
  /**
   * Obtains a token.
   * @throws {SecretError} UNAUTHENTICATED if it is refused; INVALID_CONFIG; errors of `VaultApi.call`
   */
  login(context: LoginContext): Promise<VaultAuth>;
}

/**
 * Sends the request of a login.
 * @param tip the tip of a refusal
 * @throws {SecretError} UNAUTHENTICATED `login-refused` (400, 401, 403, 404, 405); UNSUPPORTED `mfa-required`; INTERNAL
 * `malformed-answer` for a response without a token; errors of `VaultApi.call`
 */
export async function requestLogin(
  request: VaultRequest,
  { api, signal }: LoginContext,
  tip: string,
): Promise<VaultAuth> {
  const answer = await api.call({ method: "POST", ...request, accept: refusals }, { signal });
  if (answer.status >= 400) throw refused(answer, `auth/${request.values?.mount}`, tip);
  if (answer.auth?.mfaRequired === true) throw mfaRequired();
  if (answer.auth !== undefined && answer.auth.clientToken !== "") return answer.auth;
  throw new SecretError("INTERNAL", "a login was answered without a token", {
    reason: "malformed-answer",
    tip: "Check that a login method is mounted there.",
  });
}

/** Vault answers a wrong password with 400, an unknown mount with 403 or 404, and a mount without logins with 405. */
const refusals: readonly number[] = [400, 401, 403, 404, 405];

function refused({ status, errors }: Pick<VaultAnswer, "status" | "errors">, place: string, tip: string): SecretError {
  // Vault requires a token for a path that is not a login.
  const isNoLogin = status === 400 && missesToken(errors);
  return new SecretError("UNAUTHENTICATED", `the login at ${place} was refused with ${status}`, {
    reason: "login-refused",
    tip: isNoLogin ? elsewhere : (tips[status]?.(tip) ?? `${tip} Vault's audit log has the request.`),
  });
}

const elsewhere =
  "Check `auth.mount`, `auth.method`, and `namespace`, which HCP Vault always needs: `vault auth list` lists the mounts below auth/.";
const tips: Readonly<Record<number, (tip: string) => string>> = {
  403: (tip) => `${tip} Or nothing is mounted there, which Vault answers in the same way. ${elsewhere}`,
  404: () => elsewhere,
  405: () => elsewhere,
};

/** Returns the error of a login that requires a second factor. It is not retryable, since each attempt would ask a person. */
function mfaRequired(): SecretError {
  return new SecretError(
    "UNSUPPORTED",
    "Vault requires a second factor for this login, which a service does not have",
    {
      reason: "mfa-required",
      retryable: false,
      tip: "Remove this role or user from the login enforcement (sys/identity/mfa/login-enforcement), or use another login method.",
    },
  );
}
