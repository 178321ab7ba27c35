import type { HttpRequest, HttpTls } from "./client.ts";
import type { RequestLabel } from "./failure.ts";
import { checkedHeaders } from "./headers.ts";
import { fillPath, fillQuery } from "./path.ts";

/** A request that has passed every check, ready to be sent as it is. */
export interface Dispatch {
  readonly label: RequestLabel;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | undefined;
  readonly replayable: boolean;
  /** Whether its socket keeps the process alive. */
  readonly holdsProcess: boolean;
  readonly tls: HttpTls;
}

/** What all requests of a client have in common. */
export interface DispatchBase {
  readonly url: URL;
  readonly userAgent: string;
}

/** @throws {SecretError} INVALID_NAME `path`, UNAUTHENTICATED `credential-malformed` */
export function toDispatch(
  request: HttpRequest,
  base: DispatchBase,
  rest: Pick<Dispatch, "label" | "holdsProcess" | "tls">,
): Dispatch {
  const { path, values, query, json, body } = request;
  const content = json === undefined ? body : JSON.stringify(json);
  return {
    ...rest,
    target: base.url.pathname.replace(/\/$/, "") + fillPath(path, values) + fillQuery(query),
    headers: checkedHeaders({
      accept: "application/json",
      "accept-encoding": "identity",
      ...(json !== undefined && { "content-type": "application/json" }),
      ...request.headers,
      // Through a unix socket, Node would name "localhost".
      host: base.url.host,
      "user-agent": base.userAgent,
    }),
    body: content === undefined ? undefined : Buffer.from(content),
    replayable: request.replayable ?? /^(GET|HEAD)$/.test(rest.label.method),
  };
}
