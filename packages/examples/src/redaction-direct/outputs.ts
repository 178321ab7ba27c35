import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Redactor } from "@tacit/core/redact";

/** For a logger that writes text to a stream. */
export function maskedLog(redactor: Redactor, file: Writable): Writable {
  return redactor.writable(file, { sink: "audit-log" });
}

/** For the output of a child process, which comes in chunks cut anywhere. */
export function copyOutput(redactor: Redactor, output: Readable, to: Writable): Promise<void> {
  return pipeline(output, redactor.transform({ sink: "backup" }), to);
}

/** For whatever takes an object: a queue, a crash reporter, an audit trail. */
export function publishFailure(redactor: Redactor, publish: (event: object) => void, order: object, error: unknown) {
  publish(redactor.deep({ order, at: "checkout" }));
  publish(redactor.error(error));
}
