import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConformanceHost, conformanceHost, parseOptions } from "@tacit/core/conformance";
import type { Adapter, CallContext, Provider, ProviderHost, ProviderResult } from "@tacit/core/provider";
import { type ManualClock, manualClock } from "@tacit/core/testing";
import { vault } from "../../src/vault/index.ts";
import type { VaultOptions } from "../../src/vault/options.ts";
import { openVaultProvider } from "../../src/vault/provider.ts";
import { VaultDouble } from "./api-double.ts";
import { DoubleKv1, DoubleKv2 } from "./double/kv.ts";
import { refusal } from "./double/request.ts";
import type { TokenGrant } from "./double/tokens.ts";

/** A Vault and providers, all of which end with the test. */
export interface VaultFixture extends AsyncDisposable {
  readonly double: VaultDouble;
  /** Mounted at `secret`. */
  readonly kv2: DoubleKv2;
  /** Mounted at `old`. */
  readonly kv1: DoubleKv1;
  readonly clock: ManualClock;
  readonly host: ConformanceHost;
  /** Of the process, as the provider sees it. */
  readonly environment: Record<string, string | undefined>;
  /** The adapter, bound to that environment. */
  readonly adapter: Adapter;
  /** What the next logins grant. */
  grant: TokenGrant;
  /** A file of its own. */
  file(name: string, content: string): string;
  open(options?: Record<string, unknown>): Promise<Provider>;
  /** Options that log in with a password. */
  readonly options: Record<string, unknown>;
}

export const loginPath = "auth/userpass/login/app";
/** A context without an end. */
export const forever: CallContext = { signal: new AbortController().signal };

/** Starts the double. Time passes only when the test says so, sockets apart. */
export async function openFixture(members: Partial<ProviderHost> = {}): Promise<VaultFixture> {
  const clock = manualClock();
  // No jitter: each wait is the shortest that it can be.
  const host = conformanceHost({ clock, random: () => 0, ...members });
  const double = new VaultDouble(host.clock);
  const now = (): number => host.clock.now();
  const [kv1, kv2] = [new DoubleKv1(), new DoubleKv2(now)];
  double.mounts.set("old", kv1).set("secret", kv2);
  const directory = mkdtempSync(join(tmpdir(), "tacit-vault-"));
  const ends: (() => Promise<unknown>)[] = [];
  await double.listen();
  const environment: Record<string, string | undefined> = {};
  const bound: Adapter<VaultOptions> = {
    ...vault,
    open: (options, itsHost) => openVaultProvider(options, itsHost, environment),
  };
  const adapter = bound as Adapter;
  const file = (name: string, content: string): string => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const password = { $file: file("password", "s3cret-fixture-password") };
  const fixture: VaultFixture = {
    double,
    kv1,
    kv2,
    clock,
    host,
    environment,
    adapter,
    grant: {},
    file,
    options: { url: `http://127.0.0.1:${double.port}`, auth: { method: "userpass", username: "app", password } },
    async open(options = {}) {
      const provider = await adapter.open(await parseOptions(adapter, { ...fixture.options, ...options }), host);
      ends.push(() => provider.close?.() ?? Promise.resolve());
      return provider;
    },
    async [Symbol.asyncDispose]() {
      double.isStalled = false;
      for (const end of ends) await end();
      await double.close();
      rmSync(directory, { recursive: true });
    },
  };
  double.open.push(({ path }) => {
    if (path !== loginPath) return undefined;
    return double.refusesLogins ? refusal(400, "invalid username or password") : double.tokens.login(fixture.grant);
  });
  return fixture;
}

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

/** What a call was rejected with. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => Promise.reject(new Error(`resolved with ${typeof value}`)),
    (error: unknown) => error,
  );
}
