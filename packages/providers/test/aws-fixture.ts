import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConformanceHost, conformanceHost, parseOptions } from "@tacit/core/conformance";
import type { Adapter, CallContext, Provider, ProviderHost, ProviderResult } from "@tacit/core/provider";
import { type ManualClock, manualClock } from "@tacit/core/testing";
import { AwsDouble } from "./aws-double.ts";

export const region = "eu-central-1";
const accessKeyId = "AKIAFIXTURE000000001";

/** Opens a provider with an environment that is not that of the process. */
type Open<O> = (options: O, host: ProviderHost, environment: Record<string, string | undefined>) => Provider;

/** AWS and providers, all of which end with the test. */
export interface AwsFixture extends AsyncDisposable {
  readonly double: AwsDouble;
  readonly clock: ManualClock;
  readonly host: ConformanceHost;
  /** Of the process, as the provider sees it. */
  readonly environment: Record<string, string | undefined>;
  /** The adapter, bound to that environment. */
  readonly adapter: Adapter;
  /** Options with a key that is read from a file. */
  readonly options: Record<string, unknown>;
  open(options?: Record<string, unknown>, host?: ProviderHost): Promise<Provider>;
}

/** Starts the double. Time passes only when the test says so, sockets apart. */
export async function openAwsFixture<O>(
  adapter: Adapter<O>,
  open: Open<O>,
  members: Partial<ProviderHost> = {},
): Promise<AwsFixture> {
  const clock = manualClock();
  // No jitter: each wait is the shortest that it can be.
  const host = conformanceHost({ clock, random: () => 0, ...members });
  const double = new AwsDouble();
  double.now = () => host.clock.now();
  await double.listen();
  const directory = mkdtempSync(join(tmpdir(), "tacit-aws-"));
  const file = join(directory, "key");
  const giveKey = (): void => writeFileSync(file, double.makeKey(accessKeyId).secretAccessKey);
  giveKey();
  double.onExpired = giveKey;
  const ends: (() => Promise<unknown>)[] = [];
  const environment: Record<string, string | undefined> = { AWS_REGION: region };
  const bound = {
    ...adapter,
    open: (options: O, itsHost: ProviderHost) => open(options, itsHost, environment),
  } as Adapter;
  const fixture: AwsFixture = {
    double,
    clock,
    host,
    environment,
    adapter: bound,
    options: { endpoint: double.url, auth: { method: "keys", accessKeyId, secretAccessKey: { $file: file } } },
    async open(options = {}, itsHost = host) {
      const provider = await bound.open(await parseOptions(bound, { ...fixture.options, ...options }), itsHost);
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
  return fixture;
}

/** A context without an end. */
export const forever: CallContext = { signal: new AbortController().signal };

/** Reads the current version. */
export function read(provider: Provider, path: string, ifVersion?: string): Promise<ProviderResult> {
  return provider.get({ path, version: "current", ifVersion }, forever);
}

/** The value of an answer as text, or its status. */
export async function textOf(reading: Promise<ProviderResult>): Promise<string> {
  const result = await reading;
  if (result.status !== "ok" || result.payload.kind !== "value") return result.status;
  return Buffer.from(result.payload.bytes).toString();
}
