import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpRequest } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import type { CloudContext } from "./ask-cloud.ts";

/** A server that a cloud puts beside each machine. */
export interface MetadataServer {
  /** Host, perhaps with a port; it speaks plain HTTP, as nobody else is on the way. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Asks the metadata server of this machine, never through a proxy: the answer is a credential, and a proxy is another machine.
 * @throws {SecretError} UNAUTHENTICATED where it answers 4xx, UNAVAILABLE for 404, 410 and 5xx (a machine that starts, or is
 * being updated), THROTTLED, and the network's
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
