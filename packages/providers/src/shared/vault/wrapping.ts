import { type CallContext, type CredentialSource, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { VaultAnswer } from "./answer.ts";
import type { VaultApi } from "./api.ts";

/** A response that Vault keeps until somebody shows the one token for it. */
export interface WrappedResponse {
  /** Where the wrapping token is; read at each use, as it serves once. */
  readonly token: CredentialSource;
  /** What the response must have been made by, such as `auth/approle/role/app/secret-id`: another wrapped one in its place is refused. */
  readonly creationPath: string;
}

/** With what a response is unwrapped: no login is needed, the wrapping token is one. */
export interface UnwrapContext extends CallContext {
  readonly api: VaultApi;
  readonly host: Pick<ProviderHost, "credential" | "protect" | "contentVersion">;
}

/** What a refusal is called: a login that fails is tried again, a secret that is refused is not. */
export type UnwrapRefusal = "UNAUTHENTICATED" | "PERMISSION_DENIED";

/**
 * Unwraps responses, each once. It knows again what it has unwrapped itself, without keeping a token, so that only a token
 * that somebody else has used raises the alarm.
 * @see https://developer.hashicorp.com/vault/docs/concepts/response-wrapping#response-wrapping-token-validation
 */
export class Unwrapper {
  readonly #refusal: UnwrapRefusal;
  /** keyed versions of the tokens that this process has sent to be unwrapped, oldest first */
  readonly #sent = new Set<string>();

  constructor(refusal: UnwrapRefusal) {
    this.#refusal = refusal;
  }

  /**
   * Looks the token up, which uses nothing up, compares where the response was made, and unwraps it.
   * @throws {SecretError} the refusal given above, with reason `wrapping-token-spent` (an interception, or too late),
   * `wrapping-path` (another response than was agreed) or `wrapping-token-used` (by this process itself); and what a call throws
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
    // From here on the token may be used up, whether or not an answer comes.
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

/** Vault answers 400 for a token that it does not know; some versions 403, as for every unknown token. */
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
