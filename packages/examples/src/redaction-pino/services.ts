import { type Redactor, redactPino } from "@tacit/core/redact";
import { type FastifyInstance, fastify } from "fastify";
import type { DestinationStream } from "pino";
import { type HttpLogger, pinoHttp } from "pino-http";

/** Fastify creates its logger from the options that it is given as `logger`. */
export function createService(redactor: Redactor, stream: DestinationStream): FastifyInstance {
  return fastify({ logger: redactPino({ stream, level: "info" }, redactor) });
}

/** A middleware that logs each request; nestjs-pino takes the same options as `pinoHttp`. */
export function createRequestLogger(redactor: Redactor, stream: DestinationStream): HttpLogger {
  return pinoHttp(redactPino({ quietReqLogger: true }, redactor), stream);
}
