import { type CallContext, type CredentialSource, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { VaultAnswer } from "./answer.ts";
import type { VaultApi } from "./api.ts";

/** A wrapped response: Vault stores it until it is unwrapped with its token. */
export interface WrappedResponse {
  /** The source of the wrapping token, which is read at each use, because it can be used only once. */
  readonly token: CredentialSource;
  /** The path that must have created the response, such as `auth/approle/role/app/secret-id`. Any other is refused, since someone may have replaced the token. */
  readonly creationPath: string;
}

/** The context of an unwrapping. It needs no login, since the wrapping token is one. */
export interface UnwrapContext extends CallContext {
  readonly api: VaultApi;
  readonly host: Pick<ProviderHost, "credential" | "protect" | "contentVersion">;
}

/** The error code of a refusal: UNAUTHENTICATED for a login, which is retried; PERMISSION_DENIED for a secret. */
export type UnwrapRefusal = "UNAUTHENTICATED" | "PERMISSION_DENIED";

/**
 * Unwraps responses. It recognises the tokens that it has used itself by a keyed hash, so that only a token used by someone else
 * is reported as an interception.
 * @see https://developer.hashicorp.com/vault/docs/concepts/response-wrapping#response-wrapping-token-validation
 */
export class Unwrapper {
  readonly #refusal: UnwrapRefusal;
  /** keyed hashes of the tokens that this process has used, oldest first */
  readonly #sent = new Set<string>();

  constructor(refusal: UnwrapRefusal) {
    this.#refusal = refusal;
  }

  /**
   * Looks the token up, compares the path that created the response, and unwraps it.
   * @throws {SecretError} the configured code, with reason `wrapping-token-spent` (used by someone else, or expired),
   * `wrapping-path` (created by another path) or `wrapping-token-used` (used by this process); errors of `VaultApi.call`
   */
  async unwrap({ token: source, creationPath }: WrappedResponse, context: UnwrapContext): Promise<VaultAnswer> {
    const { api, host, signal } = context;
    const token = new TextDecoder().decode(await host.credential(source)).trim();
    const bytes = Buffer.from(token);
    host.protect(bytes, "vault wrapping token");
    const mark = host.contentVersion({ kind: "value", bytes });
    const lookup = { method: "POST", path: "sys/wrapping/lookup", json: { token }, accept: refused } as const;
    const found = await api.call(lookup, { signal });
    if (refused.includes(found.status)) throw this.#refused(this.#sent.has(mark));
    if (!isSamePath(creationPathOf(found), creationPath)) throw this.#elsewhere();
    const wasSent = this.#sent.has(mark);
    // From now on the token may be used up, even if no response arrives.
    this.#remember(mark);
    const answer = await api.call({ method: "POST", path: "sys/wrapping/unwrap", accept: refused }, { signal, token });
    if (refused.includes(answer.status)) throw this.#refused(wasSent);
    return answer;
  }

  #remember(mark: string): void {
    this.#sent.add(mark);
    const [oldest = mark] = this.#sent;
    if (this.#sent.size > mostRemembered) this.#sent.delete(oldest);
  }

  #refused(wasSent: boolean): SecretError {
    return wasSent ? this.#usedHere() : this.#spent();
  }

  #usedHere(): SecretError {
    return new SecretError(
      this.#refusal,
      "this process has already used the wrapping token, which can be used only once",
      {
        reason: "wrapping-token-used",
        tip: "Wrap the response again and replace the old token with the new one.",
      },
    );
  }

  #spent(): SecretError {
    return new SecretError(
      this.#refusal,
      "Vault does not know the wrapping token: it was already used, has expired, or is invalid",
      {
        reason: "wrapping-token-spent",
        tip: "Unless it expired, treat the wrapped secret as stolen: revoke it, check Vault's audit log for sys/wrapping/unwrap, and wrap a new one.",
      },
    );
  }

  #elsewhere(): SecretError {
    return new SecretError(
      this.#refusal,
      "the wrapped response was not created at `creationPath`; the wrapping token was not used",
      {
        reason: "wrapping-path",
        tip: "Find out who put it there: somebody may have used the original token and replaced it. If the token is right, correct `creationPath`.",
      },
    );
  }
}

/** Vault answers an unknown wrapping token with 400, some versions with 403. */
const refused: readonly number[] = [400, 403];
const mostRemembered = 1000;

function creationPathOf({ data }: VaultAnswer): unknown {
  return typeof data === "object" && data !== null ? (data as { creation_path?: unknown }).creation_path : undefined;
}

function isSamePath(found: unknown, expected: string): boolean {
  return typeof found === "string" && found !== "" && trimmed(found) === trimmed(expected);
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}
