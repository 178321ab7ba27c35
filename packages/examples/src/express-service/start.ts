import { createServer } from "node:http";
import { createSecrets, isSecretError } from "@tacit/core";
import { logEvents } from "@tacit/core/observe";
import { gracefulClose } from "@tacit/express";
import { adapters } from "@tacit/providers";
import { createApplication } from "./application.ts";
import { declared } from "./declared.ts";
import { derivePool } from "./pool.ts";

const secrets = createSecrets({ adapters, declare: declared }); // the config document is the file in TACIT_CONFIG
logEvents(secrets, console, { level: "warn" }); // or a logger of pino or winston
const server = createServer(createApplication(secrets, derivePool(secrets)));
gracefulClose(server, secrets, { signals: ["SIGTERM", "SIGINT"] }); // ends the pool too
server.listen(process.env.PORT ?? 8080); // before the secrets are ready, so that the probes are answered
// Also waits for the first pool. If the start fails, the process ends and prints every problem.
await secrets.ready().catch((error: unknown) => {
  if (!isSecretError(error, "CLOSED")) throw error; // a SIGTERM during the start is no failure
});
