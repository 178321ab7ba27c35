import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpRequest } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import type { CloudContext } from "./ask-cloud.ts";

/** The metadata server of a machine in a cloud. */
export interface MetadataServer {
  /** The host, optionally with a port. The server uses http, since requests do not leave the machine. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Sends a request to the metadata server of this machine, never through a proxy, which would see the credential in the response.
 * @throws {SecretError} UNAUTHENTICATED (400, 401, 403), UNAVAILABLE (404, 410 and 5xx, while a machine starts or is updated); for
 * other failures as `HttpClient.request` does
 */
export async function askMetadata(
  { host, headers }: MetadataServer,
  request: Pick<HttpRequest, "method" | "path" | "values" | "query">,
  { signal, host: { clock } }: CloudContext,
): Promise<HttpAnswer> {
  const client = createHttpClient(
    { url: `http://${host}`, allowInsecureHttp: true, connectTimeoutMs: 2000 },
    { clock },
  );
  try {
    const answer = await client.request({ ...request, headers, accept: refusals }, { signal });
    if (answer.status < 400) return answer;
    const code = answer.status === 404 || answer.status === 410 ? "UNAVAILABLE" : "UNAUTHENTICATED";
    throw new SecretError(code, `the metadata server answered ${answer.status}`);
  } finally {
    await client.close();
  }
}

const refusals: readonly number[] = [400, 401, 403, 404, 410];
