import type { IncomingMessage, ServerResponse } from "node:http";
import { type DoubleAnswer, HttpDouble } from "../http-double.ts";
import type { Certificate } from "../http-fixture.ts";
import { type ApiRequest, parseApiRequest } from "./api-double-request.ts";
import { ApiStore, type StoredEvent, type StoredSecret } from "./api-store.ts";

/** What a rule decides about. */
export type Question = Pick<ApiRequest, "resource" | "namespace" | "name"> & { readonly verb: string };

interface Watcher {
  readonly request: ApiRequest;
  /** The version that it began from: like the real one, it waits in silence for what comes after that. */
  readonly from: number;
  readonly response: ServerResponse;
}

/** An API server that speaks the part of Kubernetes that this provider uses, and can be made to fail. Its log holds the requests with a good login. */
export class ApiDouble extends HttpDouble<ApiRequest> {
  readonly store: ApiStore = new ApiStore((event) => this.#publish(event));
  readonly tokens: Set<string> = new Set();
  readonly watchers: Set<Watcher> = new Set();
  /** Whether this identity may; like access rules, it looks at each request anew. */
  allows: (question: Question) => boolean = () => true;
  /** Whether it has read its access rules; it denies everything until then. */
  isReady = true;
  /** How often a login was refused. */
  refusals = 0;
  readonly tokenSeconds: number[] = [];

  constructor(certificate?: Certificate) {
    super(certificate);
  }

  /** How often a Secret was asked for. */
  get reads(): number {
    return this.requests.filter(({ resource }) => resource === "secrets").length;
  }

  /** Resolves when that many watches are open. */
  watching(count = 1): Promise<void> {
    return this.until(() => this.watchers.size === count);
  }

  /** Sends a line to every open watch; what is no event either. */
  say(line: unknown): void {
    const text = typeof line === "string" ? line : `${JSON.stringify(line)}\n`;
    for (const { response } of this.watchers) response.write(text);
  }

  bookmark(): void {
    this.say({ type: "BOOKMARK", object: { kind: "Secret", metadata: { resourceVersion: `${this.store.version}` } } });
  }

  /** Ends every watch as its time does. */
  endWatches(): void {
    for (const { response } of this.watchers) response.end();
  }

  /** Breaks every watch off, in the middle of a line if one is given. */
  resetWatches(half?: string): void {
    for (const { response } of this.watchers) {
      if (half === undefined) this.reset(response);
      else response.write(half, () => this.reset(response));
    }
  }

  protected override parse(message: IncomingMessage, body: string): ApiRequest {
    return parseApiRequest(message, body);
  }

  protected override isLogged({ token }: ApiRequest): boolean {
    const isKnown = this.tokens.has(token);
    if (!isKnown) this.refusals += 1;
    return isKnown;
  }

  protected override answer(request: ApiRequest, response: ServerResponse): DoubleAnswer | undefined {
    if (!this.tokens.has(request.token)) return statusAnswer(401, "Unauthorized");
    if (request.resource === "readyz") return { status: this.isReady ? 200 : 500 };
    if (!this.isReady) return statusAnswer(403, "Forbidden");
    if (request.resource === "selfsubjectaccessreviews") return this.#review(request);
    if (!this.allows(request)) return statusAnswer(403, "Forbidden");
    if (request.resource === "serviceaccounts/token") return this.#issue(request);
    if (request.verb === "watch") return this.#watch(request, response);
    if (request.verb === "list") return this.#list(request);
    const secret = this.store.get(request.namespace, request.name ?? "");
    return secret === undefined ? statusAnswer(404, "NotFound") : { body: secret };
  }

  #review({ body }: ApiRequest): DoubleAnswer {
    const { resourceAttributes: asked } = (body as { spec: { resourceAttributes: Record<string, string> } }).spec;
    const { verb = "", resource = "", subresource, namespace = "*", name } = asked;
    const question = { verb, resource: subresource ? `${resource}/${subresource}` : resource, namespace, name };
    return { status: 201, body: { kind: "SelfSubjectAccessReview", status: { allowed: this.allows(question) } } };
  }

  #issue({ body, name }: ApiRequest): DoubleAnswer {
    const { audiences = ["api"], expirationSeconds = 3600 } = (
      body as { spec: { audiences?: string[]; expirationSeconds?: number } }
    ).spec;
    if (name === "absent") return statusAnswer(404, "NotFound");
    this.tokenSeconds.push(expirationSeconds);
    const issuedAt = this.now?.() ?? Date.parse("2026-01-01T00:00:00Z");
    const expirationTimestamp = new Date(issuedAt + expirationSeconds * 1000).toISOString();
    const token = `s3cret-fixture-token-${name}-${audiences.join("+")}-${this.tokenSeconds.length}`;
    return { status: 201, body: { kind: "TokenRequest", status: { token, expirationTimestamp } } };
  }

  #list(request: ApiRequest): DoubleAnswer {
    const { limit = "500", continue: from = "0" } = request.query;
    const all = this.store.list(request.namespace, (secret) => matches(request, secret));
    const [start, end] = [Number(from), Number(from) + Number(limit)];
    const isPartial = /as=PartialObjectMetadataList/.test(request.accept);
    const items = all
      .slice(start, end)
      .map(({ metadata, ...rest }) => (isPartial ? { metadata } : { metadata, ...rest }));
    const metadata = { resourceVersion: `${this.store.version}`, ...(end < all.length && { continue: `${end}` }) };
    return { body: { kind: isPartial ? "PartialObjectMetadataList" : "SecretList", metadata, items } };
  }

  #watch(request: ApiRequest, response: ServerResponse): undefined {
    const { resourceVersion } = request.query;
    const from = Number(resourceVersion);
    response.writeHead(200, { "content-type": "application/json;stream=watch" }).flushHeaders();
    const watcher = { request, response, from: Number.isNaN(from) ? 0 : from };
    this.watchers.add(watcher);
    response.once("close", () => {
      this.watchers.delete(watcher);
      this.wake();
    });
    if (resourceVersion === undefined) {
      const all = this.store.list(request.namespace, (secret) => matches(request, secret));
      for (const object of all) send(watcher, "ADDED", object);
    } else if (this.store.isCompacted(from)) {
      response.end(`${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410 } })}\n`);
    } else {
      for (const event of this.store.events) if (event.version > from) this.#deliver(watcher, event);
    }
  }

  #publish(event: StoredEvent): void {
    for (const watcher of this.watchers) this.#deliver(watcher, event);
  }

  /** What enters or leaves a selection is added or deleted for who watches that. */
  #deliver(watcher: Watcher, { type, version, object, before }: StoredEvent): void {
    if (version <= watcher.from) return;
    if (object.metadata.namespace !== watcher.request.namespace) return;
    const is = type !== "DELETED" && matches(watcher.request, object);
    const was = before !== undefined && matches(watcher.request, before);
    if (is || was) send(watcher, is ? (was ? "MODIFIED" : "ADDED") : "DELETED", object);
  }
}

function matches({ query }: ApiRequest, { metadata }: StoredSecret): boolean {
  const { fieldSelector, labelSelector } = query;
  if (fieldSelector !== undefined && fieldSelector !== `metadata.name=${metadata.name}`) return false;
  const [key = "", value] = labelSelector?.split("=") ?? [];
  return labelSelector === undefined || metadata.labels?.[key] === value;
}

function send({ response }: Watcher, type: StoredEvent["type"], object: StoredSecret): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

/** A Status as the API server writes it. The message quotes, as a hostile or careless server may. */
export function statusAnswer(code: number, reason: string, details?: object): DoubleAnswer {
  const message = `s3cret-fixture-of-a-message ${reason}`;
  const body = { kind: "Status", status: "Failure", code, reason, message, ...(details && { details }) };
  return { status: code, body };
}
