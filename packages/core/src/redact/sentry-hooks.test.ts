import {
  addBreadcrumb,
  createStackParser,
  createTransport,
  type ErrorEvent,
  type Event,
  getIsolationScope,
  Scope,
  setCurrentClient,
} from "@sentry/core";
import { nodeStackLineParser, ServerRuntimeClient } from "@sentry/core/server";
import { expect, test } from "vitest";
import { createRedactor } from "./redactor.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

/** A client as the SDK for Node makes it, whose envelopes stay in memory. */
function inMemory(hook?: (event: ErrorEvent) => ErrorEvent) {
  const envelopes: string[] = [];
  const client = new ServerRuntimeClient({
    dsn: "https://key@sentry.example/1",
    integrations: [],
    stackParser: createStackParser(nodeStackLineParser()),
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        envelopes.push(typeof body === "string" ? body : Buffer.from(body).toString());
        return { statusCode: 200 };
      }),
    ...(hook && { beforeSend: hook }),
    beforeBreadcrumb: (breadcrumb) => redactor.deep(breadcrumb),
  });
  client.init();
  return { client, envelopes };
}

/** Puts the value wherever integrations of the SDK and applications put things. */
async function capture({ client, envelopes }: ReturnType<typeof inMemory>, secret: string): Promise<Event> {
  const scope = new Scope();
  scope.setClient(client);
  scope
    .setTag("tenant", secret)
    .setExtra("config", { nested: [secret] })
    .setContext("db", { [secret]: secret });
  scope.setUser({ id: "1", token: secret });
  scope.addBreadcrumb({ message: `GET /?token=${secret}`, data: { headers: { authorization: secret } } });
  scope.addEventProcessor((event) => {
    const frames = event.exception?.values?.[0]?.stacktrace?.frames ?? [];
    for (const frame of frames) frame.vars = { password: secret };
    event.request = { url: `http://host/?t=${secret}`, headers: { cookie: secret }, data: `{"p":"${secret}"}` };
    return event;
  });
  const error = new Error(`refused ${secret}`, { cause: new TypeError(`because of ${secret}`) });
  client.captureException(error, { captureContext: { fingerprint: [secret] } }, scope);
  await client.flush(1_000);
  const [, , item] = (envelopes.find((one) => one.includes('"type":"event"')) ?? "").split("\n");
  return JSON.parse(item ?? "") as Event;
}

test("an event of Sentry without the hooks holds the value in many places", async () => {
  const event = await capture(inMemory(), value);
  expect(JSON.stringify(event).split(value).length).toBeGreaterThan(12);
});

test("an event of Sentry is sent without the value, and is an event still", async () => {
  const { client, envelopes } = inMemory((event) => redactor.deep(event));
  const event = await capture({ client, envelopes }, value);
  expect(envelopes.join()).not.toContain(value);
  expect(event).toMatchObject({
    event_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    timestamp: expect.any(Number),
    level: "error",
    tags: { tenant: marker },
    extra: { config: { nested: [marker] } },
    contexts: { db: { [marker]: marker } },
    user: { id: "1", token: marker },
    breadcrumbs: [{ message: `GET /?token=${marker}`, data: { headers: { authorization: marker } } }],
    request: { url: `http://host/?t=${marker}`, headers: { cookie: marker }, data: `{"p":"${marker}"}` },
    fingerprint: [marker],
  });
  const [exception] = event.exception?.values ?? [];
  expect(exception).toMatchObject({ type: "Error", value: `refused ${marker}` });
  expect(exception?.stacktrace?.frames?.at(-1)).toMatchObject({
    function: expect.stringContaining("capture"),
    lineno: expect.any(Number),
    vars: { password: marker },
  });
});

test("an event of Sentry without a value is sent itself", async () => {
  const given: [ErrorEvent, ErrorEvent][] = [];
  const hook = (event: ErrorEvent) => {
    given.push([event, redactor.deep(event)]);
    return event;
  };
  await capture(inMemory(hook), "nothing to hide");
  expect(given).toHaveLength(1);
  for (const [event, masked] of given) expect(masked).toBe(event);
});

test("a breadcrumb of Sentry is kept without the value", () => {
  setCurrentClient(inMemory((event) => redactor.deep(event)).client);
  addBreadcrumb({ category: "http", timestamp: 1, data: { url: `/?t=${value}`, status_code: 200 } });
  const kept = getIsolationScope().getLastBreadcrumb();
  expect(kept).toMatchObject({ category: "http", timestamp: 1, data: { url: `/?t=${marker}`, status_code: 200 } });
  getIsolationScope().clearBreadcrumbs();
});
