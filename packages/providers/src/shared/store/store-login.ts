import {
  type CallContext,
  type CredentialSource,
  isSecretError,
  type ProviderHost,
  untilAborted,
} from "@tacit/core/provider";
import { credentialWord } from "../credential-text.ts";
import type { HttpRequest } from "../http/client.ts";
import type { HttpHeaders } from "../http/headers.ts";

/** How the requests of a provider are logged in. */
export interface StoreLogin {
  /**
   * Calls the store with the headers of a login, and once more with those of another one where the store refuses the first.
   * @param request to be sent, for a login that signs it
   * @throws {SecretError} what the login or the last request threw
   */
  call<R>(send: (headers: HttpHeaders) => Promise<R>, context: CallContext, request: HttpRequest): Promise<R>;
  /** Ends renewal, and calls that wait for a login with CLOSED. */
  close(): Promise<void>;
}

/** A login by what somebody else keeps up to date, such as a token in a file. @param read reads it now, at each request */
export function credentialLogin(read: () => Promise<HttpHeaders>): StoreLogin {
  return {
    async call(send, context) {
      const headers = await untilAborted(read(), context.signal);
      try {
        return await send(headers);
      } catch (error) {
        context.signal.throwIfAborted();
        if (!isSecretError(error, "UNAUTHENTICATED")) throw error;
        // It may have been replaced since it was read.
        const again = await untilAborted(read(), context.signal);
        if (isSame(headers, again)) throw error;
        return send(again);
      }
    },
    async close() {},
  };
}

/** A login by a token that somebody else keeps up to date. @param label what it is, for people */
export function bearerLogin(
  source: CredentialSource,
  label: string,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): StoreLogin {
  return credentialLogin(async () => bearer(await credentialWord(source, label, host)));
}

/** The header of a token. */
export function bearer(token: string): HttpHeaders {
  return { authorization: `Bearer ${token}` };
}

/** A login by the connection, such as a client certificate, or none. */
export const connectionLogin: StoreLogin = {
  call: (send) => send({}),
  async close() {},
};

function isSame(one: HttpHeaders, other: HttpHeaders): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
