import { createServer, type Server } from "node:http";
import { declareSecrets, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({ partner: { ref: "partner/token" } });

/** What a request for orders asks of a partner. */
export type ListOrders = (token: string) => Promise<readonly string[]>;

/** A service on node:http alone. `write` gets its log, a line at a time. */
export function createService(
  secrets: SecretsOf<typeof declared>,
  listOrders: ListOrders,
  write: (line: string) => void,
): Server {
  return createServer(async (request, response) => {
    response.setHeader("cache-control", "no-store");
    if (request.url === "/livez") return response.end("alive\n"); // whatever the secrets do
    const { status } = secrets.health();
    const serves = status === "ok" || status === "degraded"; // degraded: everything is served
    if (request.url === "/readyz" || !serves) return response.writeHead(serves ? 200 : 503).end(`${status}\n`);
    try {
      const orders = await listOrders(secrets.latest("partner").reveal()); // the newest, at each request
      return response.end(`${orders.join("\n")}\n`);
    } catch (error) {
      write(`${secrets.redactor.error(error).stack}\n`); // a copy that is safe to print
      return response.writeHead(502).end("the partner did not answer\n");
    }
  });
}
