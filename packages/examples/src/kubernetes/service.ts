import { createServer, type Server } from "node:http";
import { declareSecrets, object, type SecretsOf } from "@tacit/core";

/** What the service reads; the manifests beside this file allow nothing else. */
export const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });

/** Answers the probes too: not ready only without a value to serve, and alive whatever the secrets do. */
export function createService(secrets: SecretsOf<typeof declared>): Server {
  return createServer((request, response) => {
    if (request.url === "/livez") return response.end("alive\n");
    const { status } = secrets.health();
    const serves = status === "ok" || status === "degraded";
    if (request.url === "/readyz" || !serves) return response.writeHead(serves ? 200 : 503).end(`${status}\n`);
    return response.end(`connected as ${secrets.latest("db").reveal().username}\n`);
  });
}
