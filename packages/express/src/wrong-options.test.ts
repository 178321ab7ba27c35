import { createServer } from "node:http";
import { mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { gracefulClose, healthReport, readiness, redactErrors, requestLog } from "./index.ts";

const secrets = mockSecrets();
const server = createServer();
// Each is called as JavaScript may call it, where no compiler looks.
const close = gracefulClose as (...parameters: unknown[]) => unknown;
const report = healthReport as (...parameters: unknown[]) => unknown;

test.each<[string, () => unknown, string]>([
  ["no server", () => close(), "`server` of gracefulClose must be a server of node:http, as `listen()` returns it"],
  ["an application for its server", () => close(() => undefined), "`server` of gracefulClose must be a server"],
  ["no client", () => close(server, {}), "`secrets` of gracefulClose must have `close()`"],
  [
    "an option by its old name",
    () => close(server, secrets, { timeoutMs: "10s" }),
    'gracefulClose has no option "timeoutMs"',
  ],
  [
    "a misspelt option",
    () => close(server, secrets, { signal: ["SIGTERM"] }),
    'gracefulClose has no option "signal"; did you mean "signals"?',
  ],
  ["no duration", () => close(server, secrets, { timeout: "soon" }), "`timeout` of gracefulClose"],
  ["one signal", () => close(server, secrets, { signals: "SIGTERM" }), "`signals` of gracefulClose must be a list"],
  ["no clock", () => close(server, secrets, { clock: {} }), "`clock` of gracefulClose must have `now()`"],
  ["an unknown signal", () => close(server, secrets, { signals: ["SIGTRM"] }), "`signals` of gracefulClose must be"],
  [
    "a misspelt report",
    () => report(secrets, { name: true }),
    'healthReport has no option "name"; did you mean "names"?',
  ],
  ["a report of text", () => report(secrets, { names: "yes" }), "`names` of healthReport must be true or false"],
  ["a report of nothing", () => report(), "`secrets` of healthReport must have `health()`"],
  ["a probe of nothing", () => readiness(undefined as never), "`secrets` of readiness must have `health()`"],
  ["no redactor", () => redactErrors({} as never), "`secrets.redactor` of redactErrors must have `error()`"],
  ["no redactor for a log", () => requestLog(undefined as never), "`secrets.redactor` of requestLog must have"],
  ["no destination", () => requestLog(secrets, {} as never), "`destination` of requestLog must have `write()`"],
])("%s is refused", (_what, call, message) => {
  const before = process.listenerCount("SIGTERM");
  const refused = { code: "INVALID_CONFIG", message: expect.stringContaining(message) };
  expect(call).toThrow(expect.objectContaining(refused));
  // What the library did before it refused tells an application nothing.
  expect(call).toThrow(expect.objectContaining({ stack: expect.not.stringMatching(/src\/(?!.*test\.ts)/) }));
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
