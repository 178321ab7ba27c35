import { pino } from "pino";
import { redactPino } from "../../src/redact/bindings/pino.ts";
import { installProcessGuards } from "../../src/redact/bindings/process-guards.ts";
import { createRedactor } from "../../src/redact/redactor.ts";

// Installs the guards first, and then logs a value with pino, created in the way that the arguments say.

const value = ["s3cret", "fixture", "4f9a1c"].join("-");
const redactor = createRedactor();
redactor.register(value, { name: "db" });
installProcessGuards({ redactor });

const [way = "", isRedacted = ""] = process.argv.slice(2);
const options = isRedacted === "redacted" ? redactPino({}, redactor) : {};
const loggers: Readonly<Record<string, () => pino.Logger>> = {
  default: () => pino(options),
  "process.stdout": () => pino(options, process.stdout),
  multistream: () => pino(options, pino.multistream([{ stream: process.stdout }])),
  destination: () => pino(options, pino.destination({ fd: 1, sync: true })),
  "destination, later": () => pino(options, pino.destination({ fd: 1, sync: false })),
  transport: () => pino({ ...options, transport: { target: "pino/file", options: { destination: 1 } } }),
};
const logger = loggers[way]?.();
logger?.info({ token: value }, `login with ${value}`);
logger?.flush();
