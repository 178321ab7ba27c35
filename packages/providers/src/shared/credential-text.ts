import { type CredentialSource, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";

/**
 * Reads a credential of a login from its source, and registers it with the redactor.
 * @param label the name of the credential in messages: `secret id`
 * @throws {SecretError} UNAUTHENTICATED `credential-empty` or `credential-malformed`; an error of the source, with the label
 */
export async function credentialText(
  source: CredentialSource,
  label: string,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): Promise<string> {
  const bytes = await host.credential(source).catch((error: unknown) => {
    throw unreadable(label, error);
  });
  const text = decoded(bytes, label);
  if (text === "") throw unusable(label, "is empty", "credential-empty");
  host.protect(text, `${host.name}/${label}`);
  return text;
}

/**
 * Reads a credential that is one word, such as a JWT, without the white space around it.
 * @throws {SecretError} as `credentialText` does; `credential-malformed` also for white space within it and for other characters than ASCII
 */
export async function credentialWord(
  source: CredentialSource,
  label: string,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): Promise<string> {
  const word = (await credentialText(source, label, host)).trim();
  if (word === "") throw unusable(label, "is blank", "credential-empty");
  if (!/^[\x21-\x7e]+$/.test(word)) throw unusable(label, "is not a single ASCII word", "credential-malformed");
  return word;
}

/** Decodes a credential. Control characters are allowed in passwords; other bytes than UTF-8 cannot be sent as JSON. */
function decoded(bytes: Uint8Array, label: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unusable(label, "is not UTF-8 text", "credential-malformed");
  }
}

function unusable(label: string, what: string, reason: "credential-empty" | "credential-malformed"): SecretError {
  return new SecretError("UNAUTHENTICATED", `the ${label} of the login ${what}`, {
    reason,
    tip: "Check the content of its source: nothing was sent to the store.",
  });
}

/** Omits the location of the source from the error: someone may have written the credential itself there. */
function unreadable(label: string, error: unknown): unknown {
  if (!isSecretError(error)) return error;
  const { code, message, reason, retryable, retryAfterMs, definitive, tip } = error;
  const options = { reason, retryable, retryAfterMs, definitive, tip, cause: error };
  return new SecretError(code, `the ${label} of the login: ${message}`, options);
}
