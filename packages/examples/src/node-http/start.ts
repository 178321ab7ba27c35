import { createSecrets, isSecretError } from "@tacit/core";
import { installProcessGuards } from "@tacit/core/redact";
import { adapters } from "@tacit/providers";
import { createService, declared } from "./service.ts";

installProcessGuards(); // masks what goes to standard output and error, the last words of a crash too
const secrets = createSecrets({ adapters, declare: declared }); // the config document is the file in TACIT_CONFIG
const listOrders = async (token: string) => [`${token.length} characters and no order`];
const server = createService(secrets, listOrders, (line) => process.stderr.write(line));
process.once("SIGTERM", () => server.close(() => void secrets.close())); // the last request first
server.listen(process.env.PORT ?? 8080, () => process.stdout.write(`${JSON.stringify(server.address())}\n`));
// What cannot start ends here, with every problem told.
await secrets.ready().catch((error: unknown) => {
  if (!isSecretError(error, "CLOSED")) throw error; // a SIGTERM during the start is no failure
});
