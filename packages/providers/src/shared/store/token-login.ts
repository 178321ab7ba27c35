import { type CallContext, type Clock, isSecretError, type ProviderHost } from "@tacit/core/provider";
import type { HttpHeaders } from "../http/headers.ts";
import { CachedLogin, type HeldLogin } from "../login.ts";
import { EndOnClocks } from "../two-clocks.ts";
import type { StoreLogin } from "./store-login.ts";

/** A token that a store issued. */
export interface IssuedToken {
  readonly token: string;
  /** How long it lives from the moment of the request; undefined for one that never ends. */
  readonly lifeMs: number | undefined;
}

/** How a store issues tokens and how they are sent. */
export interface TokenSteps {
  /** @throws {SecretError} UNAUTHENTICATED where the login is refused, and what a request throws */
  issue(context: CallContext): Promise<IssuedToken>;
  headers(token: string): HttpHeaders;
}

/** Makes a login that exchanges a credential for a token, which is replaced before its end, and once where the store refuses it. */
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
      // The token ends by itself: a login under way need not be waited for.
      await login.close({ signal: AbortSignal.abort() });
    },
  };
}

/** One token. Printing it shows nothing. */
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
