import { type CallContext, isSecretError } from "@tacit/core/provider";
import type { StoreIdentity } from "../shared/store/store-findings.ts";
import type { KmsApi } from "./api.ts";

/** Tells whom KMS takes this process for. @throws {SecretError} what a request throws */
export async function identityOf(api: KmsApi, context: CallContext): Promise<StoreIdentity> {
  try {
    const arn = await api.identity(context);
    return { who: arn ?? "an identity that STS does not report", id: arn?.split(":")[3] };
  } catch (error) {
    // STS need not be reachable where a private gateway of KMS is.
    if (!isSecretError(error, "UNAVAILABLE")) throw error;
    return { who: "unknown, because STS cannot be reached" };
  }
}

/** The RAM policy that lets this identity read secrets. */
export function policyOf({ region = "*" }: KmsApi, names: readonly string[], account = "*"): string {
  const Resource = names.map((name) => `acs:kms:${region}:${account}:secret/${name}`);
  return JSON.stringify({ Version: "1", Statement: [{ Effect: "Allow", Action: ["kms:GetSecretValue"], Resource }] });
}
