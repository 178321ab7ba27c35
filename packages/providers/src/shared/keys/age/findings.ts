import { type Finding, isSecretError } from "@tacit/core/provider";
import { failureFinding } from "../../findings.ts";
import { importAge } from "./age-package.ts";
import type { AgeIdentities } from "./identities.ts";

/** Returns a finding with the public recipient of each identity, and an error for each source that cannot be read. */
export async function identityFindings(
  identities: readonly (() => Promise<AgeIdentities>)[],
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const read of identities) {
    try {
      for (const identity of await read()) found.push(await recipientFinding(identity));
    } catch (error) {
      if (!isSecretError(error)) throw error;
      found.push(failureFinding("age-identity", error));
    }
  }
  return found;
}

async function recipientFinding(identity: AgeIdentities[number]): Promise<Finding> {
  if (typeof identity !== "string")
    return {
      level: "info",
      code: "age-recipient",
      message: "files for an SSH key or with a passphrase can be decrypted",
    };
  const { identityToRecipient } = await importAge();
  // A post-quantum recipient has 2,000 characters, so it is truncated.
  const recipient = await identityToRecipient(identity);
  return { level: "info", code: "age-recipient", message: `files for ${recipient.slice(0, 62)} can be decrypted` };
}
