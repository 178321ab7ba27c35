import type { ProviderHost } from "@tacit/core/provider";
import { credentialText, credentialWord } from "../shared/credential-text.ts";
import { StoreApi } from "../shared/store/store-api.ts";
import { bearerLogin, connectionLogin, credentialLogin, type StoreLogin } from "../shared/store/store-login.ts";
import { meaningOf, saysMissing } from "./errors.ts";
import type { HttpAuth, HttpOptions } from "./options.ts";

/** Connects to the store. @param origin its scheme, host and port */
export function createHttpApi(origin: string, options: HttpOptions, host: ProviderHost): StoreApi {
  const login = (): StoreLogin => createLogin(options.auth, host);
  return new StoreApi({ store: "the store", url: origin, options, login, meaningOf, saysMissing }, host);
}

function createLogin(auth: HttpAuth, host: ProviderHost): StoreLogin {
  switch (auth.method) {
    case "none":
    case "certificate":
      return connectionLogin;
    case "bearer":
      return bearerLogin(auth.token, "token", host);
    case "basic":
      return credentialLogin(async () => {
        const password = await credentialText(auth.password, "password", host);
        const pair = Buffer.from(`${auth.username}:${password}`).toString("base64");
        host.protect(pair, `${host.name}/login`);
        return { authorization: `Basic ${pair}` };
      });
    case "header":
      return credentialLogin(async () => ({ [auth.name]: await credentialWord(auth.value, "header", host) }));
  }
}
