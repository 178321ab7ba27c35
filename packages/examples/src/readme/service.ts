import { createServer } from "node:http";
import { createSecrets, declareSecrets, object } from "@tacit/core";
import { adapters } from "@tacit/providers";

const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });
const secrets = createSecrets({ adapters, declare: declared });

await secrets.ready(); // rejects with every problem at once
export const server = createServer((_request, response) => {
  const { username } = secrets.latest("db").reveal(); // never waits; always one whole version
  response.end(`connected as ${username}\n`);
}).listen(process.env.PORT ?? 8080);
