import { createSecrets, isSecretError } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { createService, declared } from "./service.ts";

const secrets = createSecrets({ adapters, declare: declared }); // the manifests set TACIT_CONFIG
const server = createService(secrets).listen(process.env.PORT ?? 8080); // first, so that the probes have an answer
process.once("SIGTERM", () => server.close(() => void secrets.close()));
// What cannot start ends with every problem told, and the kubelet tries again.
await secrets.ready().catch((error: unknown) => {
  if (!isSecretError(error, "CLOSED")) throw error; // a SIGTERM during the start is no failure
});
