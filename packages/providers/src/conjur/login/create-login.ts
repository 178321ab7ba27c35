import type { CallContext } from "@tacit/core/provider";
import { credentialText } from "../../shared/credential-text.ts";
import type { HttpAnswer } from "../../shared/http/answer.ts";
import type { HttpHeaders } from "../../shared/http/headers.ts";
import { loadOnce } from "../../shared/load-once.ts";
import { byServerClock } from "../../shared/store/by-server-clock.ts";
import type { LoginParts } from "../../shared/store/store-api.ts";
import { credentialLogin, type StoreLogin } from "../../shared/store/store-login.ts";
import { type IssuedToken, tokenLogin } from "../../shared/store/token-login.ts";
import type { ConjurConnection, Environment } from "../environment.ts";
import { parseAccessToken } from "./access-token.ts";
import { authenticateRequest } from "./authenticate.ts";

/** Makes the login that the connection names. No I/O. */
export function createLogin(connection: ConjurConnection, environment: Environment, parts: LoginParts): StoreLogin {
  const { account, auth } = connection;
  const { send, host } = parts;
  if (auth.method === "access-token")
    return credentialLogin(async () => {
      const { token } = parseAccessToken(await credentialText(auth.token, "access token", host));
      host.protect(token, `${host.name}/token`);
      return headersOf(token);
    });
  const issuing = (authenticate: (context: CallContext) => Promise<HttpAnswer>): StoreLogin =>
    tokenLogin({ headers: headersOf, issue: async (context) => tokenOf(await authenticate(context)) }, host);
  if (auth.method !== "kubernetes")
    return issuing((context) => {
      const login = async (): Promise<HttpAnswer> =>
        send(await authenticateRequest({ account }, auth, { ...parts, ...context, environment }), context);
      return auth.method === "aws-iam" ? byServerClock(login, parts, context) : login();
    });
  // It needs cryptography, which no other login does.
  const load = loadOnce(async () => {
    const { KubernetesLogin } = await import("./kubernetes.ts");
    return new KubernetesLogin(auth, { account, ...parts });
  });
  return issuing(async (context) => (await load()).authenticate(context));
}

function tokenOf(answer: HttpAnswer): IssuedToken {
  try {
    return parseAccessToken(answer.text(), answer.serverTime);
  } catch {
    throw answer.malformed("no access token");
  }
}

function headersOf(token: string): HttpHeaders {
  return { authorization: `Token token="${token}"` };
}
