import { setImmediate as turn } from "node:timers/promises";
import { redactorOf } from "../peers/line-maskers.ts";
import { requestLines } from "../redact/log-lines.ts";
import { registeredValues } from "../redact/registered-values.ts";

/** What a thousand reveals take of the redactor, what the first line after them waits for, at once or after some turns of the event loop, and the longest turn. */
const registered = 1_000;
const turns = Number(process.argv[2] ?? 0);
const [line = ""] = requestLines([undefined]);
const values = registeredValues(registered, "tokens");
const beginning = performance.now();
const redactor = redactorOf(values);
const registering = performance.now() - beginning;
let longest = 0;
for (let done = 0; done < turns; done++) {
  const start = performance.now();
  await turn();
  longest = Math.max(longest, performance.now() - start);
}
const start = performance.now();
if (redactor.redactJson(line) !== line) throw new Error("a clean line was changed");
const first = performance.now() - start;
process.stdout.write(
  `${JSON.stringify({ "reveals, ms": registering, "first line, ms": first, "longest turn, ms": longest })}\n`,
);
process.exit(0);
