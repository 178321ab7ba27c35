import type { IncomingMessage, ServerResponse } from "node:http";
import { type ConformanceHost, conformanceHost, parseOptions } from "@tacit/core/conformance";
import type { Adapter, CallContext, Lease, Provider, ProviderResult } from "@tacit/core/provider";
import type { ManualClock } from "@tacit/core/testing";
import { openHttpFixture } from "../../shared/http-fixture.ts";
import { type EngineCall, type EngineReply, replied } from "../api-double-engine.ts";
import { EnginesDouble } from "../api-double-engines.ts";
import { vault } from "../index.ts";
import { openVaultProvider } from "../provider.ts";

/** A Vault with all engines but KV, and providers that log in with a token; all of it ends with the test. */
export interface EngineFixture extends AsyncDisposable {
  readonly engines: EnginesDouble;
  readonly url: string;
  readonly clock: ManualClock;
  readonly host: ConformanceHost;
  /** Every request, in order. */
  readonly calls: readonly EngineCall[];
  /** What is looked up about each token that is good; a new one ends the one before. */
  tokenData: Record<string, unknown>;
  /** Ends the token and whatever it leased; the provider finds another one in its place. */
  replaceToken(): void;
  /** Paths that no policy allows. */
  readonly denied: Set<string>;
  /** Takes the place of an answer; `drop` breaks the connection off after the request was carried out. */
  override: (call: EngineCall) => EngineReply | "drop" | undefined;
  /** How far Vault's clock is ahead. */
  skewMs: number;
  /** What `{"$secret"}` reads. */
  readonly credentials: Map<string, string>;
  open(options?: Record<string, unknown>): Promise<Provider>;
  readonly context: CallContext;
}

/** A result with a payload. */
export type OkResult = Extract<ProviderResult, { status: "ok" }>;

/** Starts the double. `random` is 0.5 throughout. */
export async function openEngineFixture(): Promise<EngineFixture> {
  const http = openHttpFixture();
  const { clock } = http;
  const vaultNow = (): number => clock.now() + fixture.skewMs;
  const engines = new EnginesDouble(vaultNow);
  const credentials = new Map([["token", "s3cret-fixture-token-1"]]);
  const read = conformanceHost().credential;
  const host = conformanceHost({
    clock,
    random: () => 0.5,
    credential: async (source) =>
      "$secret" in source ? Buffer.from(credentials.get(source.$secret) ?? "") : read(source),
  });
  const calls: EngineCall[] = [];
  const providers: Provider[] = [];
  let serial = 1;
  const answer = async (call: EngineCall): Promise<EngineReply> => {
    const isOpen = call.path.startsWith("sys/wrapping/");
    if (!isOpen && (call.token !== credentials.get("token") || fixture.denied.has(call.path)))
      return { status: 403, body: { errors: ["permission denied"] } };
    if (call.path === "auth/token/lookup-self") return replied(fixture.tokenData);
    return (await engines.answer(call)) ?? { status: 404, body: { errors: [`no handler for route ${call.path}`] } };
  };
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await toCall(message);
    calls.push(call);
    const usual = await answer(call);
    const reply = fixture.override(call) ?? usual;
    if (reply === "drop") return void message.socket.destroy();
    response.setHeader("date", new Date(vaultNow()).toUTCString());
    response.writeHead(reply.status, { "content-type": "application/json" });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  };
  const { url } = await http.serve((message, response) => void handle(message, response));
  const fixture: EngineFixture = {
    engines,
    url,
    clock,
    host,
    calls,
    credentials,
    tokenData: { ttl: 3600, renewable: true, type: "service" },
    denied: new Set(),
    override: () => undefined,
    skewMs: 0,
    context: http.context,
    replaceToken() {
      engines.leases.endAllOf(credentials.get("token") ?? "");
      credentials.set("token", `s3cret-fixture-token-${++serial}`);
    },
    async open(options = {}) {
      const auth = { method: "token", token: { $secret: "token" } };
      const parsed = await parseOptions(vault as Adapter, { url, auth, ...options });
      const provider = openVaultProvider(parsed as Parameters<typeof openVaultProvider>[0], host, {});
      providers.push(provider);
      return provider;
    },
    async [Symbol.asyncDispose]() {
      for (const provider of providers) await provider.close?.();
      await http[Symbol.asyncDispose]();
    },
  };
  return fixture;
}

/** Reads the current version of what must be there. */
export async function readOk(provider: Provider, path: string, { context }: EngineFixture): Promise<OkResult> {
  const result = await provider.get({ path, version: "current" }, context);
  if (result.status !== "ok") throw new Error(`was answered ${result.status}`);
  return result;
}

/** The text of each field. */
export function textsOf({ payload }: OkResult): Readonly<Record<string, string>> {
  if (payload.kind === "value") return { value: Buffer.from(payload.bytes).toString() };
  return Object.fromEntries([...payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}

/** The lease that must be there. */
export function leaseOf({ lease }: OkResult): Lease {
  if (lease === undefined) throw new Error("there is no lease");
  return lease;
}

async function toCall(message: IncomingMessage): Promise<EngineCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: message.method ?? "",
    path: decodeURIComponent(new URL(message.url ?? "", "http://vault").pathname.replace(/^\/v1\//, "")),
    body: text === "" ? {} : (JSON.parse(text) as EngineCall["body"]),
    token: String(message.headers["x-vault-token"] ?? ""),
  };
}
