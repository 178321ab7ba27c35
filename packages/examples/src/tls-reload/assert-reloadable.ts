import { Server } from "node:https";

/**
 * Refuses to begin on a runtime whose servers keep the certificate that they began with, as Bun's do.
 * @throws where `https.Server` has no `setSecureContext`
 */
export function assertReloadable(): void {
  if (typeof Server.prototype.setSecureContext === "function") return;
  throw new Error(
    "This runtime cannot replace the certificate of a running server: https.Server has no setSecureContext. " +
      "Run the service on Node or Deno, or let a proxy in front of it terminate TLS.",
  );
}
