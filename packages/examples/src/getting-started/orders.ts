import { createServer } from "node:http";
import { createSecrets, declareSecrets, object } from "@tacit/core";
import { adapters } from "@tacit/providers";

const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });
const secrets = createSecrets({ adapters, declare: declared });
await secrets.ready();

secrets.watch("db").on("change", ({ current }) => process.stdout.write(`${current} has changed\n`));

createServer((_request, response) => {
  const { username, password } = secrets.latest("db").reveal();
  response.end(`${username} logs in with ${password.length} characters\n`);
}).listen(process.env.PORT ?? 8080, () => process.stdout.write(`started with ${secrets.latest("db")}\n`));
