import { type Finding, isSecretError } from "@tacit/core/provider";
import { failureFinding } from "../../findings.ts";
import { importAge } from "./age-package.ts";
import type { AgeIdentities } from "./identities.ts";

/** Tells the recipients of the identities in use, which are public; an identity that cannot be read is an error. */
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
  // A post-quantum recipient has two thousand characters, so its beginning has to do.
  const recipient = await identityToRecipient(identity);
  return { level: "info", code: "age-recipient", message: `files for ${recipient.slice(0, 62)} can be decrypted` };
}
