import { type ProviderHost, SecretError } from "@tacit/core/provider";
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
  let loading: Promise<HttpExchange> | undefined;
  let isClosed = false;
  const load = async (): Promise<HttpExchange> => {
    try {
      const module = await import("./exchange.ts");
      return await module.HttpExchange.open(options, url, clock);
    } catch (error) {
      // The next call tries again: there may have been no file descriptor left.
      loading = undefined;
      throw error;
    }
  };
  const exchange = async (): Promise<HttpExchange> => {
    if (isClosed) throw closed();
    loading ??= load();
    const loaded = await loading;
    if (isClosed) throw closed();
    return loaded;
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
      (await loading?.catch(() => undefined))?.close(closed());
    },
  };
}

function closed(): SecretError {
  return new SecretError("CLOSED", "the connection to the store was closed");
}
