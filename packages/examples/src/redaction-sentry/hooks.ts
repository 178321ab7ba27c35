import type { BaseTransportOptions, ClientOptions, Transport } from "@sentry/core";
import { type Redactor, redactSentry } from "@tacit/core/redact";

type MakeTransport = (options: BaseTransportOptions) => Transport;

/** For `Sentry.init({ dsn, ...sentryOptions(Sentry.makeNodeTransport, redactor) })`: masks what is sent, in the last step. */
export function sentryOptions(makeTransport: MakeTransport, redactor: Redactor): Pick<ClientOptions, "transport"> {
  return {
    transport: redactSentry(makeTransport, redactor),
  };
}
