import winston from "winston";
import { redactWinston } from "../../src/redact/bindings/winston.ts";
import { redactTransport } from "../../src/redact/bindings/winston-transport.ts";
import { createRedactor } from "../../src/redact/redactor.ts";

/** A program that its logger sees crash. Its arguments: where the values are masked, and how it crashes. */
const [hook, crash] = process.argv.slice(2);
const value = "s3cret-fixture";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

const { format } = winston;
const console = new winston.transports.Console({ handleExceptions: true, handleRejections: true });
winston.createLogger({
  // else winston waits three seconds for a console that never says that it finished
  exitOnError: false,
  format: hook === "format" ? format.combine(format.json(), redactWinston(redactor)) : format.json(),
  transports: [hook === "format" ? console : redactTransport(console, redactor)],
});

const error = Object.assign(new Error(value, { cause: new Error(value) }), { token: value });
if (crash === "exception") throw error;
void Promise.reject(crash === "rejection" ? error : value);
