import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { text } from "node:stream/consumers";

/** One call, in the words of Vault's HTTP API. */
export interface VaultRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/v1/`. */
  readonly path: string;
  readonly token?: string;
  /** A text is JSON already. */
  readonly body?: unknown;
  /** Asks for the answer to be wrapped, for so long, as in `60s`. */
  readonly wrapTtl?: string;
}

/** What Vault answered; an answer without a body has no fields. */
export interface VaultReply {
  readonly status: number;
  readonly body: VaultBody;
}

/** The fields that tests look at. */
export interface VaultBody {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly lease_id?: string;
  readonly lease_duration?: number;
  readonly auth?: { readonly client_token: string; readonly accessor: string } | null;
  readonly wrap_info?: { readonly token: string } | null;
  readonly errors?: readonly string[];
  readonly [name: string]: unknown;
}

/** One request over a connection of its own, for setting a server up and looking at it without our client in between. */
export async function askVault(
  url: string,
  { method, path, token, body, wrapTtl }: VaultRequest,
  certificateAuthority?: string,
): Promise<VaultReply> {
  const options = {
    method,
    headers: {
      "x-vault-request": "true",
      ...(token === undefined ? {} : { "x-vault-token": token }),
      ...(wrapTtl === undefined ? {} : { "x-vault-wrap-ttl": wrapTtl }),
    },
    agent: false,
    signal: AbortSignal.timeout(10_000),
  } as const;
  const target = `${url}/v1/${path}`;
  const asked =
    certificateAuthority === undefined
      ? requestPlain(target, options)
      : requestSecure(target, { ...options, ca: readFileSync(certificateAuthority) });
  asked.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const said = await text(answer);
  return { status: answer.statusCode ?? 0, body: said === "" ? {} : (JSON.parse(said) as VaultBody) };
}
