import { createStackParser, createTransport, type Event, Scope } from "@sentry/core";
import { nodeStackLineParser, ServerRuntimeClient } from "@sentry/core/server";
import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { sentryOptions } from "./hooks.ts";

const declare = declareSecrets({ stripe: { ref: "stripe/api-key" } });

test("an event is sent without the key that its error, tag and breadcrumb hold", async () => {
  const secrets = mockSecrets({ "stripe/api-key": "s3cret-fixture" }, { declare });
  const apiKey = secrets.latest("stripe").reveal();
  const sent: string[] = [];
  const client = new ServerRuntimeClient({
    dsn: "https://key@sentry.example/1",
    integrations: [],
    stackParser: createStackParser(nodeStackLineParser()),
    ...sentryOptions(
      (options) =>
        createTransport(options, async ({ body }) => {
          sent.push(Buffer.from(body).toString());
          return { statusCode: 200 };
        }),
      secrets.redactor,
    ),
  });
  client.init();
  const scope = new Scope();
  scope.setClient(client);
  scope.setTag("key", apiKey).addBreadcrumb({ message: `GET /?key=${apiKey}` });
  scope.captureException(new Error(`401 for ${apiKey}`));
  await client.flush(1_000);

  const [, , item = ""] = (sent.find((envelope) => envelope.includes('"type":"event"')) ?? "").split("\n");
  const event = JSON.parse(item) as Event;
  expect(event.exception?.values?.[0]?.value).toBe("401 for [REDACTED:stripe/api-key]");
  expect(event.tags).toEqual({ key: "[REDACTED:stripe/api-key]" });
  assertNoLeak(sent);
});
