import {
  _INTERNAL_captureLog as captureLog,
  _INTERNAL_captureMetric as captureMetric,
  createStackParser,
  createTransport,
  type Envelope,
  Scope,
  SentrySpan,
  type Transport,
} from "@sentry/core";
import { nodeStackLineParser, ServerRuntimeClient } from "@sentry/core/server";
import { describe, expect, test } from "vitest";
import { createRedactor } from "../redactor.ts";
import { redactSentry } from "./sentry.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

/** A client as the SDK for Node makes it, whose requests stay in memory. */
function inMemory(isRedacted: boolean) {
  const bodies: string[] = [];
  const make = (options: Parameters<typeof createTransport>[0]): Transport =>
    createTransport(options, async ({ body }) => {
      bodies.push(typeof body === "string" ? body : Buffer.from(body).toString());
      return { statusCode: 200 };
    });
  const client = new ServerRuntimeClient({
    dsn: "https://key@sentry.example/1",
    integrations: [],
    stackParser: createStackParser(nodeStackLineParser()),
    enableLogs: true,
    tracesSampleRate: 1,
    transport: isRedacted ? redactSentry(make, redactor) : make,
  });
  client.init();
  const scope = new Scope();
  scope.setClient(client);
  return { client, scope, bodies };
}

type Setting = ReturnType<typeof inMemory>;

const ways: Readonly<Record<string, (setting: Setting) => unknown>> = {
  event: ({ scope }) => {
    scope.setTag("tenant", value).addBreadcrumb({ message: `GET /?token=${value}` });
    return scope.captureException(new Error(`refused ${value}`, { cause: new TypeError(`because of ${value}`) }));
  },
  attachment: ({ scope }) => {
    scope.addAttachment({ filename: `${value}.txt`, data: `first line\nkey=${value}\nlast line` });
    return scope.captureMessage("see what is attached");
  },
  "attachment of bytes": ({ scope }) => {
    scope.addAttachment({ filename: "dump.bin", data: Buffer.from(`\u0000${value}\u0000`) });
    return scope.captureMessage("see what is attached");
  },
  log: ({ client, scope }) => {
    captureLog({ level: "info", message: `login ${value}`, attributes: { key: value } }, scope);
    return client.flush(1_000);
  },
  metric: ({ client, scope }) => {
    captureMetric({ type: "counter", name: "logins", value: 1, attributes: { key: value } }, { scope });
    return client.flush(1_000);
  },
  "envelope header": ({ client }) =>
    client.sendEnvelope([
      { sent_at: "2026-01-01T00:00:00Z", trace: { transaction: `GET /${value}` } },
      [[{ type: "session" }, { sid: "1", attrs: { release: value } }]],
    ] as never),
  span: ({ client }) => {
    const span = new SentrySpan({ name: `GET /${value}`, attributes: { "url.full": `https://host/?t=${value}` } });
    return client.sendEnvelope([{}, [[{ type: "span" }, span.getSpanJSON()]]] as unknown as Envelope);
  },
};

describe("what a client of Sentry sends", () => {
  test.each(Object.entries(ways))("holds the value in its %s", async (_, capture) => {
    const setting = inMemory(false);
    await capture(setting);
    await setting.client.flush(1_000);
    expect(setting.bodies.join()).toContain(value);
  });

  test.each(Object.entries(ways))("is masked in its %s by the wrapped transport", async (_, capture) => {
    const setting = inMemory(true);
    await capture(setting);
    await setting.client.flush(1_000);
    expect(setting.bodies.join()).not.toContain(value);
    expect(setting.bodies.join()).toContain(marker);
  });

  test("has attachments of the length that their headers say", async () => {
    const setting = inMemory(true);
    await ways.attachment?.(setting);
    await setting.client.flush(1_000);
    const body = setting.bodies.find((one) => one.includes('"type":"attachment"')) ?? "";
    const [, header = "", rest = ""] = /(\{[^\n]*"type":"attachment"[^\n]*\})\n([\s\S]*)$/.exec(body) ?? [];
    const { length, filename } = JSON.parse(header) as { length: number; filename: string };
    expect(filename).toBe(`${marker}.txt`);
    expect(rest.slice(0, length)).toBe(`first line\nkey=${marker}\nlast line`);
  });

  test("is the same envelope where it holds no value", async () => {
    const sent: unknown[] = [];
    const make = redactSentry(
      () => ({ send: (envelope: never) => void sent.push(envelope), flush: async () => true }),
      redactor,
    );
    const envelope = [{ event_id: "1" }, [[{ type: "event" }, { message: "nothing to hide" }]]];
    make(undefined).send(envelope as never);
    expect(sent).toEqual([envelope]);
  });

  test("is left out where it cannot be checked", () => {
    const sent: unknown[] = [];
    const broken = {
      ...redactor,
      deep: () => {
        throw new Error("broken");
      },
    };
    const make = redactSentry(() => ({ send: (envelope: never) => void sent.push(envelope) }), {
      ...redactor,
      deep: ((given: unknown) => {
        if (given === "broken") return broken.deep();
        return given;
      }) as never,
    });
    make(undefined).send([
      {},
      [
        [{}, "fine"],
        [{}, Symbol.for("x")],
        ["broken", {}],
      ],
    ] as never);
    expect(sent).toEqual([
      [
        {},
        [
          [{}, "fine"],
          [{}, Symbol.for("x")],
        ],
      ],
    ]);
  });
});
