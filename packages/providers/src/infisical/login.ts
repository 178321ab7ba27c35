import type { CallContext } from "@tacit/core/provider";
import { azureProof, googleProof, signCallerQuestion } from "../shared/cloud/proofs.ts";
import { credentialText, credentialWord } from "../shared/credential-text.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { byServerClock } from "../shared/store/by-server-clock.ts";
import type { LoginParts } from "../shared/store/store-api.ts";
import { bearer, bearerLogin, type StoreLogin } from "../shared/store/store-login.ts";
import { type IssuedToken, tokenLogin } from "../shared/store/token-login.ts";
import type { InfisicalAuth } from "./options.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Makes the login of a machine identity. No I/O. */
export function createLogin(auth: InfisicalAuth, environment: Environment, parts: LoginParts): StoreLogin {
  const { send, host } = parts;
  if (auth.method === "token") return bearerLogin(auth.token, "token", host);
  /** @see https://infisical.com/docs/api-reference/endpoints/universal-auth/login */
  const issue = async (context: CallContext): Promise<IssuedToken> => {
    const path = `/api/v1/auth/${paths[auth.method] ?? auth.method}-auth/login`;
    const login = async (): Promise<HttpAnswer> => {
      const json = await proofOf(auth, environment, { ...parts, ...context });
      return send({ method: "POST", path, json }, context);
    };
    const answer = await (auth.method === "aws-iam" ? byServerClock(login, parts, context) : login());
    const { accessToken: token, expiresIn } = answer.record();
    if (typeof token !== "string" || token === "") throw answer.malformed("no access token");
    return { token, lifeMs: typeof expiresIn === "number" && expiresIn > 0 ? expiresIn * 1000 : undefined };
  };
  return tokenLogin({ headers: bearer, issue }, host);
}

/** method -> what the API calls it, where that is not the same */
const paths: Readonly<Record<string, string>> = { "aws-iam": "aws", certificate: "tls-cert" };

/** Returns what proves to Infisical who this is. @throws {SecretError} what reading a credential and asking a cloud throw */
async function proofOf(
  auth: Exclude<InfisicalAuth, { readonly method: "token" }>,
  environment: Environment,
  context: LoginParts & CallContext,
): Promise<object> {
  const { host } = context;
  switch (auth.method) {
    case "universal":
      return {
        clientId: await credentialWord(auth.clientId, "client id", host),
        clientSecret: await credentialWord(auth.clientSecret, "client secret", host),
      };
    case "kubernetes":
    case "oidc":
    case "jwt":
      return { identityId: auth.identityId, jwt: await credentialWord(auth.token, "JWT", host) };
    case "ldap": {
      const { identityId, username } = auth;
      return { identityId, username, password: await credentialText(auth.password, "password", host) };
    }
    case "azure":
      return { identityId: auth.identityId, jwt: await azureProof(auth, environment, context) };
    case "gcp":
      return {
        identityId: auth.identityId,
        jwt: await googleProof({ ...auth, audience: auth.identityId }, environment, context),
      };
    case "aws-iam":
      return { identityId: auth.identityId, ...(await callerQuestion(auth.region, context)) };
    case "certificate":
      return { identityId: auth.identityId };
  }
}

/** Infisical asks the STS of the region that the signature names. */
async function callerQuestion(
  region = "us-east-1",
  context: LoginParts & CallContext,
): Promise<Readonly<Record<string, string>>> {
  const sts = new URL(`https://sts.${region}.amazonaws.com/`);
  const question = { method: "POST", sts, region, at: context.serverNow() } as const;
  const { headers, body } = await signCallerQuestion(question, context);
  // Infisical of old looks for it in this spelling alone.
  const { authorization = "", ...others } = headers;
  return {
    iamHttpRequestMethod: "POST",
    iamRequestBody: base64(body),
    iamRequestHeaders: base64(JSON.stringify({ ...others, Authorization: authorization })),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
