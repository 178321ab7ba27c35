import { type CredentialSource, type ProviderHost, SecretError } from "@tacit/core/provider";
import { credentialWord } from "../shared/credential-text.ts";

/** The variables that the agents take the token from, in their order. */
const variables = ["AWS_TOKEN", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"];

/** Reads the token that the agent asks for, which shows that the caller runs on this machine. @throws {SecretError} UNAUTHENTICATED */
export function agentToken(
  source: CredentialSource | undefined,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  return credentialWord(source ?? fromEnvironment(environment), "token of the agent", host);
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): CredentialSource {
  const name = variables.find((each) => environment[each]);
  if (name === undefined)
    throw new SecretError("UNAUTHENTICATED", "neither the document nor the environment has the token of the agent", {
      reason: "credential-missing",
      tip: 'Write "token": {"$file": "/var/run/awssmatoken"}, or set AWS_TOKEN; AWS Lambda sets AWS_SESSION_TOKEN itself.',
    });
  const file = /^file:\/\/(\/.+)$/.exec(environment[name] ?? "")?.[1];
  return file === undefined ? { $env: name } : { $file: file };
}
