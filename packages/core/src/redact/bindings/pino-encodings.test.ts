import { type DestinationStream, type Logger, pino } from "pino";
import { beforeEach, expect, test } from "vitest";
import { refusedRequest } from "../../../test/refused-request.ts";
import { leakCheck } from "../../testing/leak-check.ts";
import { createRedactor, redactDestination, redactPino } from "../index.ts";

const values = {
  token: "s3cret-fixture",
  password: 's3cret "fixture"\\n%42 \u00e4\ttab',
  number: "123456789012",
  document: '{"user":"app","password":"s3cret-fixture-in-json"}',
};
const redactor = createRedactor();
for (const [name, value] of Object.entries(values)) redactor.register(value, { name });
// a user name is no secret, the leaves of the document are
const { assertNoLeak } = leakCheck([...Object.values(values), "s3cret-fixture-in-json"]);

let written: string[];
const stream: DestinationStream = { write: (line) => void written.push(line) };
const loggers: [string, Logger][] = [
  ["redactPino", pino(redactPino({}, redactor), stream)],
  ["redactDestination", pino({}, redactDestination(stream, redactor))],
];

beforeEach(() => {
  written = [];
});

function assertValidLines(count: number): void {
  expect(written).toHaveLength(count);
  for (const line of written) expect(JSON.parse(line)).toMatchObject({ time: expect.any(Number) });
  assertNoLeak(written.join(""));
}

test.each(loggers)("an AxiosError leaves its Basic authorization behind in no encoding: %s", async (_, logger) => {
  const error = await refusedRequest(values.token);
  expect(error.request._header).toContain("Basic YXBwOnMzY3JldC1maXh0dXJl");
  logger.error(error);
  logger.error({ headers: error.request._header }, "refused: %j", { sent: error.request._header });
  assertValidLines(2);
  expect(written.join("")).not.toContain("YXBwOnM");
});

test.each(loggers)("a value is found behind the escapes of JSON, in JSON, of a URL and of bytes: %s", (_, logger) => {
  const all = Object.values(values);
  for (const value of all) {
    logger.info(value);
    logger.info({ value, list: [value], [value]: 1 }, "m %s %o", value, { value });
    logger.info({ text: JSON.stringify({ text: JSON.stringify({ value }) }) });
    logger.info({ url: `https://host/?q=${encodeURIComponent(value)}` });
    logger.info({
      bytes: Buffer.from(value),
      basic: Buffer.from(`app:${value}`).toString("base64"),
      hex: Buffer.from(value).toString("hex"),
    });
    logger.child({ value }).error(new Error(value, { cause: new Error(value) }));
  }
  assertValidLines(6 * all.length);
});

test.each(loggers)("a value that is a bare number or a whole document leaves valid JSON: %s", (_, logger) => {
  logger.info({ id: Number(values.number), ids: [Number(values.number), 1] });
  logger.info(JSON.parse(values.document));
  logger.info({ nested: JSON.parse(values.document), text: values.document });
  assertValidLines(3);
  expect(JSON.parse(written[0] ?? "")).toMatchObject({ id: "[REDACTED:number]", ids: ["[REDACTED:number]", 1] });
});
