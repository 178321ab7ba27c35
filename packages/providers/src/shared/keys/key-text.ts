import type { CredentialSource, ProviderHost } from "@tacit/core/provider";
import { keyFormatError } from "./errors.ts";

/**
 * Reads a private key or a passphrase as text, and registers it with the redactor.
 * @param label the name of the key in messages: `age identity`
 * @throws {SecretError} UNAUTHENTICATED `key-format`; errors of reading the source
 */
export async function keyText(
  source: CredentialSource,
  label: string,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): Promise<string> {
  const bytes = await host.credential(source);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw keyFormatError(label, "is not UTF-8 text", "Check the content of its source.");
  }
  host.protect(text, `${host.name}/${label}`);
  return text;
}
