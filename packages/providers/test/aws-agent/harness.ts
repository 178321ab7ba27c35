import { isUtf8 } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConformanceHarness, type ConformanceHost, conformanceHost, openAdapter } from "@tacit/core/conformance";
import type { Adapter, Provider, ProviderHost } from "@tacit/core/provider";
import { type ManualClock, manualClock } from "@tacit/core/testing";
import { awsAgent } from "../../src/aws-agent/index.ts";
import type { AwsAgentOptions } from "../../src/aws-agent/options.ts";
import { openAwsAgentProvider } from "../../src/aws-agent/provider.ts";
import { DoubleParameterStore } from "../aws-parameter-store/store.ts";
import { DoubleSecretsManager } from "../aws-secrets-manager/store.ts";
import { faultsOf } from "../http-double.ts";
import { AgentDouble } from "./double.ts";

/** An agent and providers, all of which end with the test. */
export interface AgentFixture extends AsyncDisposable {
  readonly double: AgentDouble;
  readonly secrets: DoubleSecretsManager;
  readonly parameters: DoubleParameterStore;
  readonly clock: ManualClock;
  readonly host: ConformanceHost;
  /** Of the process, as the provider sees it. */
  readonly environment: Record<string, string | undefined>;
  /** Where the token is. */
  readonly tokenFile: string;
  readonly adapter: Adapter;
  readonly options: Record<string, unknown>;
  open(options?: Record<string, unknown>): Promise<Provider>;
}

/** Starts an agent. */
export async function openAgentFixture(members: Partial<ProviderHost> = {}): Promise<AgentFixture> {
  const clock = manualClock();
  const host = conformanceHost({ clock, random: () => 0, ...members });
  const now = (): number => host.clock.now();
  const [secrets, parameters] = [new DoubleSecretsManager(now), new DoubleParameterStore(now)];
  const double = new AgentDouble(secrets, parameters);
  double.now = now;
  const directory = mkdtempSync(join(tmpdir(), "tacit-agent-"));
  const tokenFile = join(directory, "token");
  double.onToken = (token) => writeFileSync(tokenFile, `${token}\n`);
  double.onToken(double.token);
  await double.listen();
  const environment: Record<string, string | undefined> = { AWS_TOKEN: `file://${tokenFile}` };
  const bound = {
    ...awsAgent,
    open: (options: AwsAgentOptions, itsHost: ProviderHost) => openAwsAgentProvider(options, itsHost, environment),
  } as Adapter;
  const ends: (() => Promise<unknown>)[] = [];
  const fixture: AgentFixture = {
    double,
    secrets,
    parameters,
    clock,
    host,
    environment,
    tokenFile,
    adapter: bound,
    options: { url: double.url },
    async open(options = {}) {
      const provider = await openAdapter(bound, { ...fixture.options, ...options }, host);
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

/** Starts an agent for the conformance cases. */
export async function agentHarness(service: "secretsmanager" | "parameters"): Promise<ConformanceHarness> {
  const fixture = await openAgentFixture({ clock: conformanceHost().clock });
  const { double, secrets, parameters, adapter } = fixture;
  const isSecret = service === "secretsmanager";
  const options = { ...fixture.options, service };
  return {
    adapter,
    lacks: ["check"],
    options: () => options,
    open: (o) => openAdapter(adapter, { ...options, ...o?.options }, o?.host),
    path: (label) => `conformance/${label}`,
    async put(path, payload) {
      const bytes = payload.kind === "value" ? payload.bytes : new Uint8Array();
      if (!isSecret) parameters.put(`/${path}`, Buffer.from(bytes).toString());
      else secrets.put(path, isUtf8(bytes) ? Buffer.from(bytes).toString() : bytes);
    },
    async remove(path) {
      secrets.secrets.delete(path);
      parameters.parameters.delete(`/${path}`);
    },
    ...faultsOf(double, { concerns: () => true, denied: {}, corrupted: {}, throttled: "Connection limit exceeded" }),
    async deny(path) {
      secrets.refused.set(path, ["AccessDeniedException", "s3cret-fixture"]);
      parameters.denied.add(`/${path}`);
      return async () => {
        secrets.refused.delete(path);
        parameters.denied.delete(`/${path}`);
      };
    },
    async corrupt(path) {
      secrets.corrupt.add(path);
      parameters.corrupt.add(`/${path}`);
      return async () => {
        secrets.corrupt.delete(path);
        parameters.corrupt.delete(`/${path}`);
      };
    },
    reads: () => double.requests.length,
    credentials: () => double.made,
    acceptsBytes(bytes) {
      if (isSecret) return true;
      if (bytes.byteLength === 0) return "a parameter is never empty";
      return isUtf8(bytes) || "a parameter is text";
    },
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
}
