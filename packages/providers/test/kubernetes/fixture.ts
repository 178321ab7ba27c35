import { randomBytes } from "node:crypto";
import { type ConformanceHost, conformanceHost, parseOptions } from "@tacit/core/conformance";
import type { Adapter, CallContext, Provider, ProviderHost, ProviderResult } from "@tacit/core/provider";
import { type ManualClock, manualClock } from "@tacit/core/testing";
import type { ProcessContext } from "../../src/kubernetes/in-cluster.ts";
import { kubernetes } from "../../src/kubernetes/index.ts";
import type { KubernetesOptions } from "../../src/kubernetes/options.ts";
import { openKubernetesProvider } from "../../src/kubernetes/provider.ts";
import { makeCertificate } from "../http-fixture.ts";
import { AccountMount } from "./account-mount.ts";
import { ApiDouble } from "./api-double.ts";

/** An API server, a pod's service account and providers, all of which end with the test. */
export interface KubernetesFixture extends AsyncDisposable {
  readonly api: ApiDouble;
  readonly mount: AccountMount;
  readonly clock: ManualClock;
  readonly host: ConformanceHost;
  /** Every token that was ever good. */
  readonly tokens: readonly string[];
  readonly processContext: ProcessContext & { readonly environment: Record<string, string | undefined> };
  /** What the double's certificate is signed by. */
  readonly ca: string;
  /** Makes a new token the only good one, which is not mounted yet. */
  issue(claims?: object): string;
  /** Publishes a service account's files as the kubelet does. */
  publish(token: string, files?: Readonly<Record<string, string>>): void;
  /** The adapter, bound to these processContext. */
  readonly adapter: Adapter;
  open(options?: Record<string, unknown>): Promise<Provider>;
  /** Waits until a watch pauses before its next connection, and answers for how long. */
  untilPause(): Promise<number>;
  /** Waits for a pause, lets it pass, and answers how long it was. */
  passPause(): Promise<number>;
}

/** The namespace of the pod. */
export const podNamespace = "apps";

const certificate = await makeCertificate();
/** How many tokens were issued: no two servers of a process take the same one, whatever port they get. */
let issued = 0;

/** Starts the double. Time passes only when the test says so, sockets apart. */
export async function openFixture(members: Partial<ProviderHost> = {}): Promise<KubernetesFixture> {
  const api = new ApiDouble(certificate);
  const mount = new AccountMount();
  const { clock, nextPause } = pausesOf(manualClock());
  // No jitter: each wait is the longest that it can be.
  const host = conformanceHost({ clock, random: () => 0.999_999, ...members });
  const tokens: string[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  api.now = () => clock.now();
  await api.listen();
  const processContext = {
    environment: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: `${api.port}` },
    accountDirectory: mount.directory,
  };
  const bound: Adapter<KubernetesOptions> = {
    ...kubernetes,
    open: (options, itsHost) => openKubernetesProvider(options, itsHost, processContext),
  };
  const adapter = bound as Adapter;
  const fixture: KubernetesFixture = {
    api,
    mount,
    clock,
    host,
    tokens,
    processContext,
    ca: certificate.cert,
    adapter,
    issue(claims) {
      const now = Math.floor(clock.now() / 1000);
      issued += 1;
      const token = madeUpToken({ jti: String(issued), iat: now, exp: now + 3600, ...claims });
      tokens.push(token);
      api.tokens.clear();
      api.tokens.add(token);
      return token;
    },
    publish: (token, files) => mount.publish({ token, "ca.crt": certificate.cert, namespace: podNamespace, ...files }),
    async open(options = {}) {
      const provider = await adapter.open(await parseOptions(adapter, options), host);
      ends.push(() => provider.close?.() ?? Promise.resolve());
      return provider;
    },
    untilPause: nextPause,
    async passPause() {
      const ms = await nextPause();
      await clock.advance(ms);
      return ms;
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends) await end();
      await api.close();
      mount.remove();
    },
  };
  fixture.publish(fixture.issue());
  return fixture;
}

/** A context without an end. */
export const forever: CallContext = { signal: new AbortController().signal };

/** Reads the current version. */
export function read(provider: Provider, path: string, ifVersion?: string): Promise<ProviderResult> {
  return provider.get({ path, version: "current", ifVersion }, forever);
}

/** The fields of an answer, as text. */
export async function textOf(reading: Promise<ProviderResult>): Promise<Readonly<Record<string, string>>> {
  const result = await reading;
  if (result.status !== "ok" || result.payload.kind !== "fields") throw new Error(`answered ${result.status}`);
  return Object.fromEntries([...result.payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}

/** Counts hints, and lets a test wait for the next one. */
export interface Ear {
  readonly hints: readonly (string | undefined)[];
  /** Resolves once that many hints have come in all. */
  hears(count: number): Promise<void>;
  readonly hint: (path?: string) => void;
}

/** Makes an recorder. */
export function openRecorder(): Ear {
  const hints: (string | undefined)[] = [];
  let heard = Promise.withResolvers<void>();
  return {
    hints,
    async hears(count) {
      while (hints.length < count) await heard.promise;
    },
    hint(path) {
      hints.push(path);
      heard.resolve();
      heard = Promise.withResolvers<void>();
    },
  };
}

/** Tells the timers of pauses apart from the deadlines of connections: only the former are meant to pass. */
function pausesOf(manual: ManualClock): { readonly clock: ManualClock; readonly nextPause: () => Promise<number> } {
  const pauses: number[] = [];
  let armed = Promise.withResolvers<void>();
  const clock: ManualClock = {
    ...manual,
    get armed() {
      return manual.armed;
    },
    setTimer(callback, ms) {
      if (!deadlines.has(ms)) {
        pauses.push(ms);
        armed.resolve();
        armed = Promise.withResolvers<void>();
      }
      return manual.setTimer(callback, ms);
    },
  };
  const nextPause = async (): Promise<number> => {
    while (pauses.length === 0) await armed.promise;
    return pauses.shift() ?? 0;
  };
  return { clock, nextPause };
}

/** To a connection, to the head of an answer, to its end, and the silence of a watch. */
const deadlines: ReadonlySet<number> = new Set([5000, 8000, 9000, 1500, 150_000]);

/** The form of a JWT; nothing else resembles its parts. */
function madeUpToken(claims: object): string {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
  return [
    part({ alg: "RS256", kid: "s3cret-fixture" }),
    part({ ...claims, jti: randomBytes(12).toString("hex") }),
    randomBytes(24).toString("base64url"),
  ].join(".");
}
