import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { VaultAnswer, VaultAuth } from "../answer.ts";
import type { VaultApi, VaultRequest } from "../api.ts";
import { missesToken } from "../errors.ts";

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
 * @param tip where to look first when this method is refused
 * @throws {SecretError} UNAUTHENTICATED `login-refused` for any 4xx of a login, UNSUPPORTED `mfa-required`, INTERNAL
 * `malformed-answer` for an answer without a token, and what `VaultApi.call` throws
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

/** Vault tells a wrong password as 400, an unknown mount as 403 or 404, a mount without logins as 405. */
const refusals: readonly number[] = [400, 401, 403, 404, 405];

function refused({ status, errors }: Pick<VaultAnswer, "status" | "errors">, place: string, tip: string): SecretError {
  // Vault asks for a token where it knows of no login.
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

/** The second factor is a person's; asked again, it would be called upon again. */
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
