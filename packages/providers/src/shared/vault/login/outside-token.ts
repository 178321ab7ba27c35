import { homedir } from "node:os";
import { join } from "node:path";
import { type CredentialSource, SecretError } from "@tacit/core/provider";
import { credentialWord } from "../../credential-text.ts";
import type { VaultAuth } from "../answer.ts";
import { type Environment, variableOf } from "../environment.ts";
import type { Login, LoginContext } from "./login.ts";

/** Creates a login with an existing token, which is read again for each login. */
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
  throw new SecretError("INVALID_CONFIG", "no login to Vault is configured", {
    reason: "credential-missing",
    tip: "Write `auth` with a method into the provider's options, or set VAULT_TOKEN.",
  });
}

/** Creates a login with the token in a file, such as the sink of an Agent, or the file of `vault login`. */
export function createTokenFileLogin(
  { file }: { readonly file?: string | undefined },
  environment: Environment,
): Login {
  const path = file ?? join(environment.HOME ?? homedir(), ".vault-token");
  return {
    method: "token-file",
    ownsToken: false,
    async login(context) {
      return lookUpToken({ $file: path }, context);
    },
  };
}

/**
 * Reads an existing token and looks up its properties.
 * @throws {SecretError} UNAUTHENTICATED `login-refused` if the token is invalid, or may not look itself up
 */
async function lookUpToken(source: CredentialSource, { api, host, signal }: LoginContext): Promise<VaultAuth> {
  const clientToken = await credentialWord(source, "token", host);
  const answer = await api.call({ path: "auth/token/lookup-self", accept: [403] }, { signal, token: clientToken });
  if (answer.status === 403) {
    throw new SecretError("UNAUTHENTICATED", "the token was refused", {
      reason: "login-refused",
      tip: "It has expired, was revoked, or its policies lack `read` on auth/token/lookup-self, which the policy `default` grants.",
    });
  }
  return readLookup(answer.data, clientToken);
}

/** Converts the data of a lookup to the result of a login. Missing numbers become 0. */
function readLookup(data: unknown, clientToken: string): VaultAuth {
  const looked = (data ?? {}) as Readonly<Record<string, unknown>>;
  const milliseconds = (key: string): number => (typeof looked[key] === "number" ? looked[key] * 1000 : 0);
  return {
    clientToken,
    durationMs: milliseconds("ttl"),
    renewable: looked.renewable === true,
    tokenType: typeof looked.type === "string" ? looked.type : "service",
    numUses: typeof looked.num_uses === "number" ? looked.num_uses : 0,
    mfaRequired: false,
    periodMs: milliseconds("period"),
  };
}
