import { checkArgument, rules } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule } from "./argument-rules.ts";

/** The part of a Sentry transport that its client calls. */
export interface SentryTransport {
  /** Sends one envelope: headers, and items with headers of their own. */
  send(envelope: never): unknown;
}

type Headers = Readonly<Record<string, unknown>>;
type Item = readonly [headers: Headers, payload: unknown];
type Envelope = readonly [headers: Headers, items: readonly Item[]];

/**
 * Wraps the transport factory of a Sentry client, for `Sentry.init({ transport: redactSentry(Sentry.makeNodeTransport) })`. The
 * transport is the last step before the network, so this covers everything that the SDK sends: events and their breadcrumbs,
 * transactions, spans, logs, metrics, sessions, check-ins, attachments, and the headers of envelopes, which no `before...` hook
 * receives. Envelopes are copied, never changed. An item that cannot be checked is omitted.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument
 */
export function redactSentry<Options, Transport extends SentryTransport>(
  makeTransport: (options: Options) => Transport,
  redactor: Redactor = defaultRedactor,
): (options: Options) => Transport {
  checkArgument("redactSentry", "redactor", redactor, redactorRule);
  checkArgument("redactSentry", "makeTransport", makeTransport, rules.function);
  return (options) => {
    const transport = makeTransport(options);
    const send = (envelope: Envelope): unknown => transport.send(maskedEnvelope(envelope, redactor) as never);
    return new Proxy(transport, {
      get(_, key) {
        if (key === "send") return send;
        const member: unknown = Reflect.get(transport, key);
        return typeof member === "function" ? member.bind(transport) : member;
      },
    });
  };
}

function maskedEnvelope([headers, items]: Envelope, redactor: Redactor): Envelope {
  return [
    redactor.deep(headers, "sentry"),
    items.flatMap((item) => {
      try {
        return [maskedItem(item, redactor)];
      } catch {
        return [];
      }
    }),
  ];
}

function maskedItem([headers, payload]: Item, redactor: Redactor): Item {
  const masked =
    typeof payload === "string" ? redactor.redactJson(payload, "sentry") : redactor.deep(payload, "sentry");
  const maskedHeaders = redactor.deep(headers, "sentry");
  if (masked === payload || !("length" in headers)) return [maskedHeaders, masked];
  // The header of an attachment states its length in bytes.
  return [{ ...maskedHeaders, length: Buffer.byteLength(masked as string | Uint8Array) }, masked];
}
