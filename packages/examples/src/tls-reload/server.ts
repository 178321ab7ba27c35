import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import { createSecureContext } from "node:tls";
import { declareSecrets, type SecretsOf, tlsPair } from "@tacit/core";
import { assertReloadable } from "./assert-reloadable.ts";

export const declared = declareSecrets({ tls: { ref: "tls/server", as: tlsPair() } });

/** A server whose new connections get the newest certificate. Open ones keep the one that they began with. */
export function createTlsServer(secrets: SecretsOf<typeof declared>, listener: RequestListener): Server {
  assertReloadable();
  const server = createServer(listener);
  // a pair that OpenSSL cannot use is refused here, so the one before it stays
  secrets.derive("tls", { open: (pair) => createSecureContext(pair.reveal()) });
  const serve = (pair: object) => server.setSecureContext({ minVersion: "TLSv1.3", ...pair }); // replaces every option
  secrets.watch("tls").on("change", ({ current }) => serve(current.reveal()), { initial: true });
  return server;
}
