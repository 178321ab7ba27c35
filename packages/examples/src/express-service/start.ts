import { createServer } from "node:http";
import { createSecrets, isSecretError } from "@tacit/core";
import { logEvents } from "@tacit/core/observe";
import { gracefulClose } from "@tacit/express";
import { adapters } from "@tacit/providers";
import { createApplication } from "./application.ts";
import { declared } from "./declared.ts";
import { derivePool } from "./pool.ts";

const secrets = createSecrets({ adapters, declare: declared }); // TACIT_CONFIG says where they are
logEvents(secrets, console, { level: "warn" }); // or a logger of pino or winston
const server = createServer(createApplication(secrets, derivePool(secrets)));
gracefulClose(server, secrets, { signals: ["SIGTERM", "SIGINT"] }); // ends the pool too
server.listen(process.env.PORT ?? 8080); // before the secrets are there, so that the probes have an answer
// With the first pool open; what cannot start ends here, with every problem told.
await secrets.ready().catch((error: unknown) => {
  if (!isSecretError(error, "CLOSED")) throw error; // a SIGTERM during the start is no failure
});
