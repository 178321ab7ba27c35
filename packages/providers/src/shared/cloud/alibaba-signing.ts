import { type CallContext, isSecretError, type ProviderHost } from "@tacit/core/provider";
import type { HttpRequest } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import type { HttpHeaders } from "../http/headers.ts";
import { CachedLogin } from "../login.ts";
import type { StoreLogin } from "../store/store-login.ts";
import type { AlibabaLogin, HeldAlibabaKeys } from "./alibaba-login.ts";
import type { AlibabaCall, AlibabaKeys } from "./alibaba-signature.ts";

/** An action of an API of Alibaba Cloud, for any host. */
export type AlibabaAction = Omit<AlibabaCall, "host">;

/** Returns the request of an action, which `AlibabaSigning` signs. */
export function alibabaRequest({ action, version, query }: AlibabaAction): HttpRequest {
  // `AlibabaSigning` reads the action back from these headers to sign each attempt.
  const headers = { "x-acs-action": action, "x-acs-version": version };
  return { method: "POST", path: "/", query, headers, replayable: true };
}

/** A login that signs each request with cached keys. If the server refuses the time, the request is signed once more with the server's time. */
export class AlibabaSigning implements StoreLogin {
  readonly #stsUrl: string;
  readonly #login: CachedLogin<HeldAlibabaKeys>;
  readonly #server: { readonly host: string; serverTime(): number | undefined };
  readonly #host: ProviderHost;
  /** How far the clock of the server is ahead; measured when the server refuses a signature because of its time. */
  #aheadMs = 0;
  /** Loaded once, with the first request: even for a loaded module, `import()` takes as long as a signature. */
  #signature: typeof import("./alibaba-signature.ts") | undefined;

  /** @param server the value of the Host header, and the wall time of the server in its last response */
  constructor(
    source: AlibabaLogin,
    server: { readonly host: string; serverTime(): number | undefined },
    host: ProviderHost,
  ) {
    this.#stsUrl = source.stsUrl;
    this.#server = server;
    this.#host = host;
    this.#login = new CachedLogin({ login: ({ signal }) => source.keys({ signal, host }) }, host);
  }

  call<R>(send: (headers: HttpHeaders) => Promise<R>, context: CallContext, request: HttpRequest): Promise<R> {
    return this.#login.call(
      (held) => this.#send(held, request, send),
      (error) => isSecretError(error, "UNAUTHENTICATED"),
      context,
    );
  }

  /** Returns the ARN of this identity, which needs no permission; undefined if the response has none. @throws {SecretError} errors of the login and request */
  async identity(context: CallContext): Promise<string | undefined> {
    const client = createHttpClient({ url: this.#stsUrl, proxy: "environment" }, this.#host);
    const call = { action: "GetCallerIdentity", version: "2015-04-01", query: {} };
    try {
      const answer = await this.#login.call(
        async ({ keys }) => {
          const headers = await this.#sign(call, new URL(this.#stsUrl).host, keys);
          return client.request({ ...alibabaRequest(call), headers }, context);
        },
        () => false,
        context,
      );
      const { Arn: arn } = answer.record();
      return typeof arn === "string" && /^acs:ram::\d+:[\w./@-]+$/.test(arn) ? arn : undefined;
    } finally {
      await client.close();
    }
  }

  async close(): Promise<void> {
    await this.#login.close({ signal: AbortSignal.abort() });
  }

  async #send<R>(held: HeldAlibabaKeys, request: HttpRequest, send: (headers: HttpHeaders) => Promise<R>): Promise<R> {
    const headers = (): Promise<HttpHeaders> => this.#sign(actionOf(request), this.#server.host, held.keys);
    try {
      return await send(await headers());
    } catch (error) {
      const serverTime = this.#server.serverTime();
      if (!isSecretError(error) || error.reason !== "clock-skew" || serverTime === undefined) throw error;
      this.#aheadMs = serverTime - this.#host.clock.now();
    }
    return send(await headers());
  }

  async #sign(action: AlibabaAction, host: string, keys: AlibabaKeys): Promise<HttpHeaders> {
    this.#signature ??= await import("./alibaba-signature.ts");
    return this.#signature.signAlibabaCall({ ...action, host }, keys, {
      at: new Date(this.#host.clock.now() + this.#aheadMs),
    });
  }
}

function actionOf({ headers = {}, query = {} }: HttpRequest): AlibabaAction {
  const { "x-acs-action": action = "", "x-acs-version": version = "" } = headers as Readonly<Record<string, string>>;
  return { action, version, query: query as AlibabaAction["query"] };
}
