import type { CallContext } from "@tacit/core/provider";
import { azureProof, googleProof, signCallerQuestion } from "../../shared/cloud/proofs.ts";
import { credentialText, credentialWord } from "../../shared/credential-text.ts";
import type { HttpRequest } from "../../shared/http/client.ts";
import type { LoginParts } from "../../shared/store/store-api.ts";
import type { ConjurConnection, Environment } from "../environment.ts";
import type { ConjurAuth } from "../options.ts";

/** A login of one request: all but the one whose token comes from outside, and the one that first needs a certificate. */
type RequestLogin = Exclude<ConjurAuth, { readonly method: "environment" | "access-token" | "kubernetes" }>;

/**
 * Makes the request of a login, with the proof of who this is.
 * @throws {SecretError} what reading a credential and asking a cloud throw
 * @see https://docs.cyberark.com/conjur-open-source/latest/en/content/developer/lp_rest_api.htm
 */
export async function authenticateRequest(
  { account }: Pick<ConjurConnection, "account">,
  auth: RequestLogin,
  context: Omit<LoginParts, "send"> & CallContext & { readonly environment: Environment },
): Promise<HttpRequest> {
  const { host, environment } = context;
  switch (auth.method) {
    case "api-key":
      return authenticateAt("authn", { account, id: auth.login }, await credentialWord(auth.apiKey, "API key", host));
    case "ldap": {
      const password = await credentialText(auth.password, "password", host);
      return authenticateAt("authn-ldap", { service: auth.service, account, id: auth.login }, password);
    }
    case "jwt": {
      const place = { service: auth.service, account, id: auth.hostId };
      return formTo("authn-jwt", place, "jwt", await credentialWord(auth.token, "JWT", host));
    }
    case "oidc": {
      const token = await credentialWord(auth.token, "ID token", host);
      return formTo("authn-oidc", { service: auth.service, account }, "id_token", token);
    }
    case "aws-iam": {
      const { region = "us-east-1" } = auth;
      // Conjur of old asks the global one, whatever was signed.
      const sts = new URL(`https://${auth.region === undefined ? "sts" : `sts.${region}`}.amazonaws.com/`);
      const question = { method: "GET", sts, region, at: context.serverNow() } as const;
      const { headers } = await signCallerQuestion(question, context);
      const place = { service: auth.service, account, id: hostOf(auth.hostId) };
      return authenticateAt("authn-iam", place, JSON.stringify(headers), "application/json");
    }
    case "azure": {
      const place = { service: auth.service, account, id: hostOf(auth.hostId) };
      return formTo("authn-azure", place, "jwt", await azureProof(auth, environment, context));
    }
    case "gcp": {
      const { serviceAccount, hostId } = auth;
      const audience = `conjur/${account}/${hostOf(hostId)}`;
      const jwt = await googleProof({ type: "instance", serviceAccount, audience }, environment, context);
      return formTo("authn-gcp", { account }, "jwt", jwt);
    }
    case "certificate":
      return authenticateAt("authn-cert", {
        service: auth.service,
        account,
        id: auth.hostId === undefined ? undefined : hostOf(auth.hostId),
      });
  }
}

/** Where an authenticator is, and for whom. */
interface Place {
  readonly service?: string | undefined;
  readonly account: string;
  /** Of a host or user; absent where the proof itself tells it. */
  readonly id?: string | undefined;
}

/** A body is asked for: without one the server waits for it to begin. */
export function authenticateAt(
  authenticator: string,
  { service, account, id }: Place,
  body = "",
  contentType = "text/plain",
): HttpRequest {
  const segments = [authenticator, service && "{service}", "{account}", id && "{*id}", "authenticate"];
  return {
    method: "POST",
    path: `/${segments.filter((segment) => segment).join("/")}`,
    values: { service, account, id },
    headers: { "content-type": contentType },
    body,
  };
}

function formTo(authenticator: string, place: Place, name: "jwt" | "id_token", proof: string): HttpRequest {
  const body = `${name}=${encodeURIComponent(proof)}`;
  return authenticateAt(authenticator, place, body, "application/x-www-form-urlencoded");
}

function hostOf(hostId: string): string {
  return hostId.startsWith("host/") ? hostId : `host/${hostId}`;
}
