import { type ProviderHost, SecretError } from "@tacit/core/provider";
import { loadOnce } from "../load-once.ts";
import type { HttpClient, HttpClientOptions } from "./client.ts";
import type { HttpExchange } from "./exchange.ts";
import { parseStoreUrl } from "./url.ts";

/**
 * Makes the HTTP client of one provider, which closes it. No I/O: what sends requests loads with the first call.
 * Redirects are never followed; nothing is taken from axios' global defaults and interceptors.
 * @throws {SecretError} INVALID_CONFIG `insecure-url`, `literal-credential` or `invalid`
 */
export function createHttpClient(options: HttpClientOptions, { clock }: Pick<ProviderHost, "clock">): HttpClient {
  const url = parseStoreUrl(options.url, options);
  let isClosed = false;
  const open = loadOnce(async () => {
    const { HttpExchange } = await import("./exchange.ts");
    return HttpExchange.open(options, url, clock);
  });
  const exchange = async (): Promise<HttpExchange> => {
    if (isClosed) throw closed();
    const opened = await open();
    if (isClosed) throw closed();
    return opened;
  };
  return {
    request: async (request, context) => {
      context.signal.throwIfAborted();
      return (await exchange()).request(request, context);
    },
    stream: async (request, context) => {
      context.signal.throwIfAborted();
      return (await exchange()).stream(request, context);
    },
    async close() {
      isClosed = true;
      // An exchange that could not be made has nothing to close.
      (await open.loaded?.catch(() => undefined))?.close(closed());
    },
  };
}

function closed(): SecretError {
  return new SecretError("CLOSED", "the connection to the store was closed");
}
