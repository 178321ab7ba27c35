import type { HttpRequest, HttpTls } from "./client.ts";
import type { RequestLabel } from "./failure.ts";
import { checkedHeaders } from "./headers.ts";
import { fillPath, fillQuery } from "./path.ts";

/** A checked request, ready to be sent. */
export interface Dispatch {
  readonly label: RequestLabel;
  /** The path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | undefined;
  readonly replayable: boolean;
  /** Whether its socket keeps the process alive. */
  readonly holdsProcess: boolean;
  readonly tls: HttpTls;
}

/** The parts that all requests of a client share. */
export interface DispatchBase {
  readonly url: URL;
  readonly userAgent: string;
}

/** Checks a request and fills its path template. @throws {SecretError} INVALID_NAME `path`, UNAUTHENTICATED `credential-malformed` */
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
      // Node would send "localhost" over a unix socket.
      host: base.url.host,
      "user-agent": base.userAgent,
    }),
    body: content === undefined ? undefined : Buffer.from(content),
    replayable: request.replayable ?? /^(GET|HEAD)$/.test(rest.label.method),
  };
}
