import { SecretError } from "../error/secret-error.ts";
import type { Codec, Decoded } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { pemText } from "./pem.ts";
import { requiredText, textFields } from "./text-fields.ts";

const names = ["ssh-privatekey"];
const tip = "Store the key under ssh-privatekey, as a Secret of type kubernetes.io/ssh-auth does.";

const codec = ownCodec<string>({
  kind: "object",
  decode(content, { reference }): Decoded<string> {
    const [text = ""] = requiredText(textFields(content, reference), { names, allowEmpty: false, tip }, reference);
    if (!isPrivateKey(text)) throw notAPrivateKey(reference);
    return { kind: "text", bytes: new TextEncoder().encode(pemText(text)) };
  },
});

/**
 * Reads the field `ssh-privatekey`: a private key in PEM format (OpenSSH, PKCS#1, PKCS#8) or PuTTY's format, encrypted or not.
 * The text ends with exactly one line feed, without which OpenSSH refuses a key. The key material itself is not checked.
 */
export function sshKey(): Codec<string> {
  return codec;
}

/** Checks the first and last line, because a public key or a truncated key is a common mistake. */
function isPrivateKey(text: string): boolean {
  const lines = text.trim().split("\n");
  const first = lines[0]?.trimEnd() ?? "";
  if (first.startsWith("PuTTY-User-Key-File-")) return first.includes(": ");
  const label = first.startsWith("-----BEGIN ") && first.endsWith("PRIVATE KEY-----") ? first.slice(11) : undefined;
  return label !== undefined && lines.length > 2 && lines.at(-1) === `-----END ${label}`;
}

function notAPrivateKey(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `"ssh-privatekey" of "${reference}" is not a private key`, {
    reason: "private-key",
    reference,
    tip: "Store the complete private key file of ssh-keygen (the one without .pub), from its first line to its last.",
  });
}
