import { type CallContext, isSecretError } from "@tacit/core/provider";
import type { VaultAnswer } from "../answer.ts";
import type { VaultApi, VaultRequest } from "../api.ts";
import { missesToken, noToken } from "../errors.ts";
import type { Session } from "./session.ts";
import { TokenCheck } from "./token-check.ts";

/** Creates a session without tokens, for an Agent or Proxy that adds its own. */
export function createAgentSession(api: VaultApi): Session {
  return new AgentSession(api);
}

class AgentSession implements Session {
  readonly #api: VaultApi;
  /** The check has one token, that of the Agent, whose value is unknown. */
  readonly #check = new TokenCheck<"agent">();

  constructor(api: VaultApi) {
    this.#api = api;
  }

  /**
   * Sends a request. An Agent without a login forwards it without a token, which Vault answers like a denial; only a successful
   * lookup proves that a policy has denied it.
   */
  async call(request: VaultRequest, context: CallContext): Promise<VaultAnswer> {
    const refused = this.#check.next();
    const { signal } = context;
    try {
      const answer = await this.#api.call(request, { signal });
      if (answer.status === 400 && missesToken(answer.errors)) throw noToken(400);
      return answer;
    } catch (error) {
      if (!isSecretError(error, "PERMISSION_DENIED")) throw error;
      signal.throwIfAborted();
      if (await this.#check.isAlive("agent", { refused, lookUp: () => this.#lookUp() }, context)) throw error;
      throw noToken(403);
    }
  }

  connect<R>(open: (token: undefined) => Promise<R>): Promise<R> {
    return open(undefined);
  }

  tokenOf(): undefined {
    return undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #lookUp(): Promise<boolean> {
    const lookup = { path: "auth/token/lookup-self", accept: [400, 403] } as const;
    const { status } = await this.#api.call(lookup, new AbortController());
    return status < 400;
  }
}
