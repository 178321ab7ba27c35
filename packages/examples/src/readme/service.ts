import { createServer } from "node:http";
import { createSecrets, declareSecrets, object } from "@tacit/core";
import { adapters } from "@tacit/providers";

const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]) },
  stripe: { ref: "stripe/key" },
});
const secrets = createSecrets({ adapters, declare: declared });

await secrets.ready(); // rejects with every problem at once
createServer((_request, response) => {
  const { username } = secrets.latest("db").reveal(); // never waits, always one whole version
  response.end(`connected as ${username}\n`);
}).listen(Number(process.env.PORT ?? 8080), "127.0.0.1");
