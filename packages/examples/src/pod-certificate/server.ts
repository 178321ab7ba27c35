import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import { declareSecrets, type SecretsOf, text, tlsPair } from "@tacit/core";
import { assertReloadable } from "../tls-reload/assert-reloadable.ts";

/** The names below the root of the volume; the manifest beside this file allows nothing else. */
export const declared = declareSecrets({
  identity: { ref: "identity/credentialbundle.pem", as: tlsPair() },
  trust: { ref: "identity/trust.pem", as: text(), mask: "never" },
});

/** A server that shows the pod's certificate, and serves whoever has one of the same signer. */
export function createWorkloadServer(secrets: SecretsOf<typeof declared>, listener: RequestListener): Server {
  assertReloadable();
  const server = createServer({ requestCert: true, rejectUnauthorized: true }, listener);
  const serve = (): void => {
    const pair = secrets.latest("identity").reveal();
    server.setSecureContext({ minVersion: "TLSv1.3", ca: secrets.latest("trust").reveal(), ...pair });
  };
  secrets.watch("identity").on("change", serve, { initial: true });
  secrets.watch("trust").on("change", serve, { initial: true });
  return server;
}
