import type { ClientOptions } from "@sentry/core";
import type { Redactor } from "@tacit/core/redact";

/** For `Sentry.init({ dsn, ...sentryHooks(redactor) })`: what is sent, and what is kept to be sent later. */
export function sentryHooks(redactor: Redactor): Pick<ClientOptions, "beforeSend" | "beforeBreadcrumb"> {
  return {
    beforeSend: (event) => redactor.deep(event),
    beforeBreadcrumb: (breadcrumb) => redactor.deep(breadcrumb),
  };
}
