import type { IncomingMessage, ServerResponse } from "node:http";

/** A handler in the form of Express, which plain node:http and similar frameworks can also call. */
export type Handler = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** What a handler answers with. */
interface Answer {
  readonly status: number;
  readonly body: object;
}

/**
 * A handler of GET and HEAD that answers with JSON nobody may store; every other method is the next handler's business. It writes
 * by node:http, since Express adds an ETag and would answer 304 to a probe that a proxy has made conditional.
 */
export function answerJson(answer: () => Answer): Handler {
  return (request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") return next();
    const { status, body } = answer();
    const text = `${JSON.stringify(body)}\n`;
    response.writeHead(status, {
      "cache-control": "no-store",
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(text),
    });
    response.end(request.method === "HEAD" ? undefined : text);
  };
}
