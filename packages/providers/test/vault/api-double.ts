import type { IncomingMessage } from "node:http";
import type { ServerOptions } from "node:https";
import { type DoubleAnswer, HttpDouble } from "../http-double.ts";
import { EventsDouble } from "./double/events.ts";
import type { DoubleKv1, DoubleKv2 } from "./double/kv.ts";
import { type DoubleHandler, type DoubleRequest, envelope, parseDoubleRequest, refusal } from "./double/request.ts";
import { DoubleTokens } from "./double/tokens.ts";

/** What a node is, by the status of its sys/health. */
const healthStatus = {
  active: 200,
  standby: 429,
  "dr-secondary": 472,
  "performance-standby": 473,
  uninitialized: 501,
  sealed: 503,
  removed: 530,
};

/** A Vault that speaks the part of its API that this provider uses, and can be made to fail. */
export class VaultDouble extends HttpDouble<DoubleRequest> {
  readonly tokens: DoubleTokens;
  readonly mounts: Map<string, DoubleKv1 | DoubleKv2> = new Map();
  /** Asked for a request that needs no token, such as a login. */
  readonly open: DoubleHandler[] = [];
  /** Asked for a request whose token is good and allowed, before the KV mounts: other engines, leases. */
  readonly engines: DoubleHandler[] = [];
  state: keyof typeof healthStatus = "active";
  /** What policies allow. */
  allows: (request: DoubleRequest) => boolean = () => true;
  /** Of the token, for a path. */
  capabilities: (path: string) => readonly string[] = () => ["read"];
  /** The token that an Agent on the way adds; undefined where it has none. */
  agentToken: string | undefined;
  /** The only namespace that has mounts; undefined for the root. */
  namespace: string | undefined;
  /** Where a standby leads, such as `http://127.0.0.1:8200`. */
  redirectTo: string | undefined;
  /** Sent with each answer to a write. */
  index: string | undefined;
  /** How many more reads with an index meet a node that has not caught up. */
  lagging = 0;
  readonly events: EventsDouble = new EventsDouble(() => this.wake());

  /** @param clock by which tokens end */
  constructor(clock: { now(): number }, secure?: ServerOptions) {
    super(secure);
    this.tokens = new DoubleTokens(() => clock.now());
    this.now = () => clock.now();
    this.onUpgrade(this.events.upgrade);
  }

  /** How often a path was asked. */
  count(path: string | RegExp): number {
    const asked = this.requests.filter((request) =>
      typeof path === "string" ? request.path === path : path.test(request.path),
    );
    return asked.length;
  }

  override expireLogins(): void {
    this.tokens.revokeAll();
  }

  protected override parse(message: IncomingMessage, body: string): DoubleRequest {
    return parseDoubleRequest(message, body);
  }

  protected override headersFor({ method }: DoubleRequest): Readonly<Record<string, string>> {
    return this.index !== undefined && method !== "GET" ? { "x-vault-index": this.index } : {};
  }

  protected override async answer(request: DoubleRequest): Promise<DoubleAnswer> {
    const { path, headers, token = this.agentToken } = request;
    if (headers["x-vault-request"] !== "true") return refusal(412, "missing 'X-Vault-Request' header");
    if (path === "sys/health") return this.#health(request);
    if (this.state === "sealed" || this.state === "removed") return refusal(503, "Vault is sealed");
    if (this.redirectTo !== undefined) return { status: 307, headers: { location: `${this.redirectTo}/v1/${path}` } };
    if (headers["x-vault-index"] !== undefined && this.lagging > 0) {
      this.lagging -= 1;
      return refusal(412, "required index state not present");
    }
    if (this.namespace !== request.namespace?.replaceAll(/^\/|\/$/g, "")) return refusal(404, "no handler for route");
    const opened = await first(this.open, request);
    if (opened !== undefined) return opened;
    if (token === undefined || !this.tokens.isAlive(token)) return refusal(403, "permission denied");
    const answer = this.allows(request)
      ? await this.#authorized({ ...request, token })
      : refusal(403, "permission denied");
    this.tokens.use(token);
    return answer;
  }

  #health({ query, namespace }: DoubleRequest): DoubleAnswer {
    if (namespace !== undefined) return refusal(400, "unavailable in a namespace");
    const isForgiven =
      (this.state === "standby" && query.standbyok === "true") ||
      (this.state === "performance-standby" && query.perfstandbyok === "true");
    const body = {
      initialized: this.state !== "uninitialized",
      sealed: this.state === "sealed",
      standby: this.state === "standby",
      version: "1.14.1",
    };
    return { status: isForgiven ? 200 : healthStatus[this.state], body };
  }

  async #authorized(request: DoubleRequest): Promise<DoubleAnswer> {
    const { path, body } = request;
    const handled = this.tokens.handle(request) ?? (await first(this.engines, request));
    if (handled !== undefined) return handled;
    if (path.startsWith("sys/internal/ui/mounts/")) return this.#preflight(path.slice(23));
    if (path === "sys/capabilities-self") {
      const paths = body.paths as readonly string[];
      return {
        body: envelope(JSON.stringify(Object.fromEntries(paths.map((each) => [each, this.capabilities(each)])))),
      };
    }
    const [mount = "", kv] = this.#mountOf(path) ?? [];
    return kv?.handle(path.slice(mount.length + 1), request) ?? refusal(404, "no handler for route");
  }

  #preflight(path: string): DoubleAnswer {
    const [mount = "", kv] = this.#mountOf(path) ?? [];
    if (kv === undefined) return refusal(403, "preflight capability check returned 403");
    const prefix = this.namespace === undefined ? "" : `${this.namespace}/`;
    return { body: envelope(JSON.stringify({ path: `${prefix}${mount}/`, type: "kv", options: kv.options })) };
  }

  #mountOf(path: string): readonly [string, DoubleKv1 | DoubleKv2] | undefined {
    return [...this.mounts].find(([mount]) => `${path}/`.startsWith(`${mount}/`));
  }
}

async function first(handlers: readonly DoubleHandler[], request: DoubleRequest): Promise<DoubleAnswer | undefined> {
  for (const handler of handlers) {
    const answer = await handler(request);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
