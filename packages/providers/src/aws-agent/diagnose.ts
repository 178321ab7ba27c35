import { type CallContext, type Finding, isSecretError, type Provider } from "@tacit/core/provider";
import { collectFindings } from "../shared/findings.ts";
import type { AwsAgentOptions } from "./options.ts";

/** Where nothing is; asking for it shows whether the agent answers and knows the token. */
const nowhere = { path: "tacit-diagnose-no-such-name", version: "current" } as const;

/** Tells whether the agent answers. What its identity may read is AWS' to say, so a denial is a good answer. */
export function diagnose(
  { url, service }: AwsAgentOptions,
  get: Provider["get"],
  context: CallContext,
): Promise<readonly Finding[]> {
  const ask = async (): Promise<readonly Finding[]> => {
    try {
      await get(nowhere, context);
    } catch (error) {
      if (!isSecretError(error, "PERMISSION_DENIED")) throw error;
    }
    return [{ level: "info", code: "agent", message: `the agent at ${url} answers for ${service}` }];
  };
  return collectFindings([ask], "agent", context);
}
