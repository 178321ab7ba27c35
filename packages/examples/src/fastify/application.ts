import { declareSecrets, type SecretsOf } from "@tacit/core";
import { redactPino } from "@tacit/core/redact";
import { type FastifyInstance, fastify } from "fastify";
import type { DestinationStream } from "pino";

export const declared = declareSecrets({ partner: { ref: "partner/token" } });

/** A service whose log and error answers are masked, and which closes its client last. */
export function createApplication(secrets: SecretsOf<typeof declared>, stream: DestinationStream): FastifyInstance {
  const application = fastify({ logger: redactPino({ stream }, secrets.redactor) });
  application.get("/livez", { logLevel: "silent" }, () => ({ status: "alive" }));
  application.get("/readyz", { logLevel: "silent" }, (_request, reply) => {
    const { status } = secrets.health();
    const serves = status === "ok" || status === "degraded"; // degraded: everything is served
    return reply
      .code(serves ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status });
  });
  // Fastify answers with the message of an error, in production too
  application.setErrorHandler((error, _request, reply) => reply.send(secrets.redactor.error(error)));
  application.addHook("onClose", () => secrets.close());
  return application;
}
