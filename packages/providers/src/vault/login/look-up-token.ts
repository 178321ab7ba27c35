import { type CredentialSource, SecretError } from "@tacit/core/provider";
import type { VaultAuth } from "../vault-api.ts";
import { credentialWord } from "./credential-text.ts";
import type { LoginContext } from "./login.ts";

/**
 * Reads a token that was made elsewhere, and asks Vault what it knows about it.
 * @throws {SecretError} UNAUTHENTICATED `login-refused` where it is dead, or may not look itself up
 */
export async function lookUpToken(source: CredentialSource, { api, host, signal }: LoginContext): Promise<VaultAuth> {
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

/** Turns the answer of a lookup into what a login answers. Numbers that are missing are 0. */
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
