import { type CallContext, type Clock, isSecretError, type ProviderHost } from "@tacit/core/provider";
import type { HttpHeaders } from "../http/headers.ts";
import { CachedLogin, type HeldLogin } from "../login.ts";
import { EndOnClocks } from "../two-clocks.ts";
import type { StoreLogin } from "./store-login.ts";

/** A token issued by a store. */
export interface IssuedToken {
  readonly token: string;
  /** The lifetime from the time of the response; undefined for a token that never expires. */
  readonly lifeMs: number | undefined;
}

/** The steps that obtain and send a token. */
export interface TokenSteps {
  /** Obtains a token. @throws {SecretError} UNAUTHENTICATED if the store refuses the login; errors of the request */
  issue(context: CallContext): Promise<IssuedToken>;
  /** Returns the headers that send a token. */
  headers(token: string): HttpHeaders;
}

/** Creates a login that exchanges a credential for a token. The token is replaced before it expires, and once per call if the store refuses it. */
export function tokenLogin(
  { issue, headers }: TokenSteps,
  host: Pick<ProviderHost, "clock" | "random" | "protect" | "name">,
): StoreLogin {
  const login = new CachedLogin<HeldToken>(
    {
      async login(context) {
        const { token, lifeMs } = await issue(context);
        host.protect(token, `${host.name}/token`);
        return new HeldToken(token, lifeMs, host.clock);
      },
    },
    host,
  );
  return {
    call: (send, context) =>
      login.call(
        (held) => send(headers(held.value)),
        (error) => isSecretError(error, "UNAUTHENTICATED"),
        context,
      ),
    async close() {
      // The token expires by itself, so a login in progress is not awaited.
      await login.close({ signal: AbortSignal.abort() });
    },
  };
}

/** A token in a private field, so that printing the object does not show it. */
class HeldToken implements HeldLogin {
  readonly #value: string;
  readonly #end: EndOnClocks | undefined;

  constructor(token: string, lifeMs: number | undefined, clock: Clock) {
    this.#value = token;
    this.#end = lifeMs === undefined ? undefined : new EndOnClocks(lifeMs, clock);
  }

  get value(): string {
    return this.#value;
  }

  get leftMs(): number | undefined {
    return this.#end?.leftMs;
  }

  get isUsable(): boolean {
    return this.leftMs !== 0;
  }
}
