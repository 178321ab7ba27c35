import { InMemoryLogRecordExporter } from "@opentelemetry/sdk-logs";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace";
import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { startTelemetry } from "./telemetry.ts";

const declare = declareSecrets({ stripe: { ref: "stripe/api-key" } });

test("a revealed value leaves the process neither in spans nor in log records", async () => {
  const secrets = mockSecrets({ "stripe/api-key": "s3cret-fixture" }, { declare });
  const [spans, logs] = [new InMemorySpanExporter(), new InMemoryLogRecordExporter()];
  const { tracing, logging } = startTelemetry(spans, logs, secrets.redactor);
  const apiKey = secrets.latest("stripe").reveal();

  const span = tracing.getTracer("shop").startSpan("charge", { attributes: { "url.query": `key=${apiKey}` } });
  span.recordException(new Error(`401 for ${apiKey}`));
  span.end();
  logging.getLogger("shop").emit({ body: { headers: { authorization: `Bearer ${apiKey}` } } });
  await tracing.forceFlush();
  await expect.poll(() => logs.getFinishedLogRecords()).toHaveLength(1);

  expect(spans.getFinishedSpans()[0]?.attributes).toEqual({ "url.query": "key=[REDACTED:stripe/api-key]" });
  expect(logs.getFinishedLogRecords()[0]?.body).toEqual({
    headers: { authorization: "Bearer [REDACTED:stripe/api-key]" },
  });
  assertNoLeak(spans.getFinishedSpans(), logs.getFinishedLogRecords());
});
