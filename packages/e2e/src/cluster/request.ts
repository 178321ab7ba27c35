import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";

/** How one request is made. */
export interface AskOptions {
  /** File with the certificates to trust. */
  readonly certificateAuthority: string;
  readonly token?: string;
  readonly timeoutMs?: number;
  /** Default GET. */
  readonly method?: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** Status and body of an answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request over a connection of its own, for looking at a server without any client in between. */
export async function ask(url: string, options: AskOptions): Promise<Answer> {
  const { certificateAuthority, token, timeoutMs = 10_000, method = "GET", contentType, body } = options;
  const asked = request(url, {
    method,
    ca: readFileSync(certificateAuthority),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(contentType === undefined ? {} : { "content-type": contentType }),
    },
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
  });
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}
