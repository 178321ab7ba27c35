import type { CallContext, ProviderHost } from "@tacit/core/provider";
import { credentialText, credentialWord } from "../../shared/credential-text.ts";
import type { HttpAnswer } from "../../shared/http/answer.ts";
import type { HttpHeaders } from "../../shared/http/headers.ts";
import { credentialLogin, type StoreLogin } from "../../shared/store/store-login.ts";
import { type IssuedToken, tokenLogin } from "../../shared/store/token-login.ts";
import type { ConjurConnection } from "../environment.ts";
import { parseAccessToken } from "./access-token.ts";
import type { KubernetesLogin, KubernetesSends } from "./kubernetes.ts";

/** Where logins send their requests. */
export interface LoginSends extends Omit<KubernetesSends, "account"> {
  close(): Promise<void>;
}

/** Makes the login that the connection names. No I/O. */
export function createLogin(connection: ConjurConnection, sends: LoginSends, host: ProviderHost): StoreLogin {
  const { account, auth } = connection;
  const send = sends.plain;
  const login = (issue: (context: CallContext) => Promise<HttpAnswer>): StoreLogin =>
    tokenLogin({ headers: headersOf, issue: async (context) => tokenOf(await issue(context)) }, host);
  switch (auth.method) {
    case "access-token":
      return credentialLogin(async () => {
        const { token } = parseAccessToken(await credentialText(auth.token, "access token", host));
        host.protect(token, `${host.name}/token`);
        return headersOf(token);
      });
    case "api-key":
      return login(async (context) => {
        const values = { account, login: auth.login };
        const body = await credentialWord(auth.apiKey, "API key", host);
        return send({ ...authenticate, path: "/authn/{account}/{*login}/authenticate", values, body }, context);
      });
    case "jwt":
      return login(async (context) => {
        const jwt = await credentialWord(auth.token, "JWT", host);
        const values = { service: auth.service, account, hostId: auth.hostId };
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        const path = `/authn-jwt/{service}/{account}${auth.hostId === undefined ? "" : "/{*hostId}"}/authenticate`;
        return send({ ...authenticate, path, values, headers, body: `jwt=${encodeURIComponent(jwt)}` }, context);
      });
    case "certificate":
      return login((context) => {
        const hostId = auth.hostId?.replace(/^(?!host\/)/, "host/");
        const values = { service: auth.service, account, hostId };
        const path = `/authn-cert/{service}/{account}${hostId === undefined ? "" : "/{*hostId}"}/authenticate`;
        return send({ ...authenticate, path, values }, context);
      });
    case "kubernetes": {
      let kubernetes: KubernetesLogin | undefined;
      const steps = login(async (context) => {
        // It needs cryptography, which no other login does.
        const module = await import("./kubernetes.ts");
        kubernetes ??= new module.KubernetesLogin(auth, { ...sends, account }, host);
        return kubernetes.authenticate(context);
      });
      return {
        ...steps,
        async close() {
          await steps.close();
          await sends.close();
        },
      };
    }
  }
}

/** A body is asked for: without one the server waits for it to begin. */
const authenticate = { method: "POST", headers: { "content-type": "text/plain" }, body: "" } as const;

function tokenOf(answer: HttpAnswer): IssuedToken {
  const date = Date.parse(answer.header("date") ?? "");
  try {
    return parseAccessToken(answer.text(), Number.isNaN(date) ? undefined : date);
  } catch {
    throw answer.malformed("no access token");
  }
}

function headersOf(token: string): HttpHeaders {
  return { authorization: `Token token="${token}"` };
}
