import { type CredentialSource, SecretError } from "@tacit/core/provider";
import { type Environment, variableOf } from "../environment.ts";
import type { Login } from "./login.ts";
import { lookUpToken } from "./look-up-token.ts";

/** A token from outside, read again for each login: where it was replaced, the next login has the new one. */
export function createTokenLogin(
  { token }: { readonly token?: CredentialSource | undefined },
  environment: Environment,
): Login {
  return {
    method: "token",
    ownsToken: false,
    async login(context) {
      return lookUpToken(token ?? variableSource(environment), context);
    },
  };
}

function variableSource(environment: Environment): CredentialSource {
  const name = variableOf(environment, "TOKEN");
  if (name !== undefined) return { $env: name };
  throw new SecretError("INVALID_CONFIG", "nothing says how to log in to Vault", {
    reason: "credential-missing",
    tip: "Write `auth` with a method into the provider's options, or set VAULT_TOKEN.",
  });
}
