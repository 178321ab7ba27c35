import fastify from "fastify";
import pino, { type LoggerOptions } from "pino";
import { pino as pino95 } from "pino-9-5";
import { pinoHttp } from "pino-http";
import { describe, expectTypeOf, test } from "vitest";
import { redactDestination, redactPino } from "../index.ts";

describe("redactPino", () => {
  test("gives options that pino takes", () => {
    pino(redactPino());
    pino(redactPino({ level: "debug", redact: ["a.b"], base: null, formatters: { level: (label) => ({ label }) } }));
    pino(
      redactPino({ timestamp: pino.stdTimeFunctions.isoTime, transport: { target: "pino/file" } }),
      pino.destination(1),
    );
    expectTypeOf(redactPino<LoggerOptions>({})).toExtend<LoggerOptions>();
  });

  test("keeps what pino's options say of hooks, mixins and serializers", () => {
    pino(
      redactPino({
        hooks: {
          logMethod(args, method, level) {
            expectTypeOf(level).toEqualTypeOf<number>();
            method.apply(this, args);
          },
          streamWrite: (line) => line.trim(),
        },
        mixin: (_object, level) => ({ level }),
        serializers: { err: (error) => error.message },
      }),
    );
  });

  test("keeps custom levels", () => {
    pino(redactPino({ customLevels: { audit: 35 } })).audit("signed in");
  });

  test("gives options that pino-http and Fastify take", () => {
    pinoHttp(redactPino({ quietReqLogger: true, customProps: (request) => ({ url: request.url }) }));
    fastify({ logger: redactPino({ level: "warn", stream: pino.destination(1) }) });
  });

  test("gives options that a pino without the hook refuses", () => {
    // @ts-expect-error pino 9.5 has no hooks.streamWrite
    pino95(redactPino({ level: "info" }));
  });
});

describe("redactDestination", () => {
  test("gives what it was given", () => {
    expectTypeOf(redactDestination(process.stdout)).toEqualTypeOf(process.stdout);
    pino(redactDestination(pino.destination(1))).flush();
    redactDestination(pino.destination("app.log")).reopen();
    pino95(redactDestination(pino95.multistream([{ stream: redactDestination(process.stderr) }])));
    redactDestination(pino.transport({ target: "pino/file" })).end();
  });
});
