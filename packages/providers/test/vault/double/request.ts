import type { IncomingMessage } from "node:http";
import type { DoubleAnswer } from "../../http-double.ts";

/** A request as Vault understands it. */
export interface DoubleRequest {
  readonly method: string;
  /** Below `/v1/`, decoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly token: string | undefined;
  readonly namespace: string | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers a request, or leaves it to the next one. */
export type DoubleHandler = (request: DoubleRequest) => DoubleAnswer | undefined | Promise<DoubleAnswer | undefined>;

/** Reads method, path and headers. */
export function parseDoubleRequest(message: IncomingMessage, body: string): DoubleRequest {
  const { method = "", headers } = message;
  const url = new URL(message.url ?? "", "https://double");
  return {
    method,
    path: decodeURIComponent(url.pathname.replace(/^\/v1\//, "")),
    query: Object.fromEntries(url.searchParams),
    token: headerOf(headers["x-vault-token"]),
    namespace: headerOf(headers["x-vault-namespace"]),
    headers,
    body: body === "" ? {} : JSON.parse(body),
  };
}

/** The envelope of a success, as text: what a KV mount holds must come out as it was written. */
export function envelope(data: string, more: Readonly<Record<string, unknown>> = {}): string {
  const rest = {
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    wrap_info: null,
    warnings: null,
    auth: null,
    ...more,
  };
  const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  return `{"request_id":"${id}",${JSON.stringify(rest).slice(1, -1)},"data":${data}}`;
}

/** An error as Vault writes it; it quotes, as a careless plugin may. */
export function refusal(status: number, ...errors: readonly string[]): DoubleAnswer {
  return { status, body: { errors: errors.map((text) => `${text} s3cret-fixture-of-an-error`) } };
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
