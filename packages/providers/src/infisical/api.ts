import type { CallContext, ProviderHost } from "@tacit/core/provider";
import { credentialWord } from "../shared/credential-text.ts";
import { type SendRequest, StoreApi } from "../shared/store/store-api.ts";
import { credentialLogin, type StoreLogin } from "../shared/store/store-login.ts";
import { tokenLogin } from "../shared/store/token-login.ts";
import { meaningOf, saysMissing } from "./errors.ts";
import type { InfisicalAuth, InfisicalOptions } from "./options.ts";

/** Connects to Infisical. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function createInfisicalApi(options: InfisicalOptions, host: ProviderHost): StoreApi {
  const { url, auth } = options;
  const login = (send: SendRequest): StoreLogin => createLogin(auth, send, host);
  return new StoreApi({ store: "Infisical", url, options, login, meaningOf, saysMissing }, host);
}

function createLogin(auth: InfisicalAuth, send: SendRequest, host: ProviderHost): StoreLogin {
  const headers = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
  if (auth.method === "token")
    return credentialLogin(async () => headers(await credentialWord(auth.token, "token", host)));
  const body = async (): Promise<object> =>
    auth.method === "universal"
      ? {
          clientId: await credentialWord(auth.clientId, "client id", host),
          clientSecret: await credentialWord(auth.clientSecret, "client secret", host),
        }
      : { identityId: auth.identityId, jwt: await credentialWord(auth.token, "JWT", host) };
  return tokenLogin(
    {
      headers,
      /** @see https://infisical.com/docs/api-reference/endpoints/universal-auth/login */
      async issue(context: CallContext) {
        const values = { method: auth.method };
        const json = await body();
        const answer = await send({ method: "POST", path: "/api/v1/auth/{method}-auth/login", values, json }, context);
        const { accessToken: token, expiresIn } = answer.record();
        if (typeof token !== "string" || token === "") throw answer.malformed("no access token");
        return { token, lifeMs: typeof expiresIn === "number" && expiresIn > 0 ? expiresIn * 1000 : undefined };
      },
    },
    host,
  );
}
