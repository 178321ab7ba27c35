import type { Secret } from "@tacit/core";
import type { Redactor } from "@tacit/core/redact";

/** Protects a value that came from elsewhere. The function returned lets go of it. */
export function protectSession(redactor: Redactor, token: string): () => void {
  return redactor.register(token, { name: "session/token", mask: "always" });
}

/** Protects one version of a secret before anything reveals it, and does not reveal it. */
export function protectUnread(redactor: Redactor, secret: Secret<unknown>): () => void {
  return redactor.register(secret, { name: secret.reference });
}
