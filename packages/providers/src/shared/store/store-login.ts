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

/** Adds the credentials of a provider to its requests. */
export interface StoreLogin {
  /**
   * Calls the store with the headers of the login, and once more with new ones if the store refuses the first.
   * @param request the request to be sent, for a login that signs requests
   * @throws {SecretError} the error of the login or of the last request
   */
  call<R>(send: (headers: HttpHeaders) => Promise<R>, context: CallContext, request: HttpRequest): Promise<R>;
  /** Stops renewal, and ends calls that wait for a login with CLOSED. */
  close(): Promise<void>;
}

/** Creates a login with a credential that another program renews, such as a token in a file. @param read reads the credential, before each request */
export function credentialLogin(read: () => Promise<HttpHeaders>): StoreLogin {
  return {
    async call(send, context) {
      const headers = await untilAborted(read(), context.signal);
      try {
        return await send(headers);
      } catch (error) {
        context.signal.throwIfAborted();
        if (!isSecretError(error, "UNAUTHENTICATED")) throw error;
        // The credential may have been replaced since it was read.
        const again = await untilAborted(read(), context.signal);
        if (isSame(headers, again)) throw error;
        return send(again);
      }
    },
    async close() {},
  };
}

/** Creates a login with a bearer token that another program renews. @param label the name of the token in messages */
export function bearerLogin(
  source: CredentialSource,
  label: string,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): StoreLogin {
  return credentialLogin(async () => bearer(await credentialWord(source, label, host)));
}

/** Returns the Authorization header of a bearer token. */
export function bearer(token: string): HttpHeaders {
  return { authorization: `Bearer ${token}` };
}

/** A login without headers: by client certificate, or none. */
export const connectionLogin: StoreLogin = {
  call: (send) => send({}),
  async close() {},
};

function isSame(one: HttpHeaders, other: HttpHeaders): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
