import type { ProviderHost } from "@tacit/core/provider";
import { credentialWord } from "../shared/credential-text.ts";
import { type LoginParts, StoreApi } from "../shared/store/store-api.ts";
import { bearer, bearerLogin, type StoreLogin } from "../shared/store/store-login.ts";
import { tokenLogin } from "../shared/store/token-login.ts";
import { meaningOf } from "./errors.ts";
import type { DopplerOptions } from "./options.ts";

/** Connects to Doppler. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function createDopplerApi(options: DopplerOptions, host: ProviderHost): StoreApi {
  const login = (parts: LoginParts): StoreLogin => createLogin(options, parts);
  // Doppler answers a config whole; that a name is not in it is no 404.
  return new StoreApi(
    { store: "Doppler", url: options.url, options, login, meaningOf, saysMissing: () => false },
    host,
  );
}

function createLogin({ auth }: DopplerOptions, { send, serverNow, host }: LoginParts): StoreLogin {
  if (auth.method === "token") return bearerLogin(auth.token, "token", host);
  return tokenLogin(
    {
      headers: bearer,
      /** @see https://docs.doppler.com/docs/service-account-identities */
      async issue(context) {
        const json = { identity: auth.identity, token: await credentialWord(auth.token, "JWT", host) };
        const answer = await send({ method: "POST", path: "/v3/auth/oidc", json }, context);
        const { token, expires_at: end } = answer.record();
        const lifeMs = Date.parse(String(end)) - serverNow();
        if (typeof token !== "string" || token === "" || Number.isNaN(lifeMs)) throw answer.malformed("no token");
        return { token, lifeMs };
      },
    },
    host,
  );
}
