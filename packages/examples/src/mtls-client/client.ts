import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { declareSecrets, type SecretsOf, tlsPair } from "@tacit/core";

/** A day in which servers may have a certificate of the old authority or of the new one. */
export const declared = declareSecrets({
  identity: { ref: "tls/client", as: tlsPair() },
  authority: { ref: "tls/authority", overlap: "24h", mask: "never" },
});

/** A client that shows its newest certificate, and trusts each authority that is accepted now. */
export function createClient(secrets: SecretsOf<typeof declared>) {
  const agent = new Agent({ keepAlive: true, timeout: 5_000 }); // keeps connections of other certificates apart
  return {
    async get(url: string): Promise<string> {
      const { cert, key } = secrets.latest("identity").reveal();
      const ca = secrets.accepted("authority").map((authority) => authority.reveal());
      const [response] = await once(request(url, { agent, cert, key, ca }).end(), "response");
      return await text(response as IncomingMessage);
    },
    close: (): void => agent.destroy(),
  };
}
