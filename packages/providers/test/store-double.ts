import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { HttpDouble } from "./http-double.ts";

/** A request as the double of a store reads it. */
export interface StoreRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  /** As it was sent, with the query. */
  readonly target: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The common name of the client's certificate, where an authority that the double trusts has issued it. */
  readonly peer: string | undefined;
}

/** The double of a store over HTTP whose requests are told by method, path and query. */
export abstract class StoreDouble extends HttpDouble<StoreRequest> {
  protected override parse(message: IncomingMessage, body: string): StoreRequest {
    const { method = "", url: target = "", headers } = message;
    const { pathname, searchParams } = new URL(target, "http://double");
    return {
      method,
      target,
      headers,
      body,
      path: decodeURIComponent(pathname),
      query: Object.fromEntries(searchParams),
      peer: peerOf(message.socket as Partial<TLSSocket>),
    };
  }

  /** How often something was asked for. */
  count(isMeant: (request: StoreRequest) => boolean): number {
    return this.requests.filter(isMeant).length;
  }
}

function peerOf(socket: Partial<TLSSocket>): string | undefined {
  return socket.authorized === true ? String(socket.getPeerCertificate?.()?.subject?.CN) : undefined;
}

/** The members of a request's JSON; none where it has no JSON. */
export function jsonOf({ body }: StoreRequest): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
