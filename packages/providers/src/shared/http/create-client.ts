import { type ProviderHost, SecretError } from "@tacit/core/provider";
import { loadOnce } from "../load-once.ts";
import type { HttpClient, HttpClientOptions } from "./client.ts";
import type { HttpExchange } from "./exchange.ts";
import { parseStoreUrl } from "./url.ts";

/**
 * Creates the HTTP client of a provider, which owns and closes it. Performs no I/O; the first call loads the engine. The client
 * follows no redirects, and uses no global defaults or interceptors of axios.
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
      // If the exchange could not be opened, there is nothing to close.
      (await open.loaded?.catch(() => undefined))?.close(closed());
    },
  };
}

function closed(): SecretError {
  return new SecretError("CLOSED", "the connection to the store was closed");
}
