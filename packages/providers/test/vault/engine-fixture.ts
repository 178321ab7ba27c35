import { conformanceHost } from "@tacit/core/conformance";
import type { CallContext, Lease, Provider, ProviderResult } from "@tacit/core/provider";
import { EnginesDouble } from "./double/engines.ts";
import { forever, openFixture, type VaultFixture } from "./fixture.ts";

/** A Vault with every engine, and providers that read them; all of it ends with the test. */
export interface EngineFixture extends VaultFixture {
  readonly engines: EnginesDouble;
  readonly url: string;
  readonly context: CallContext;
  /** The paths that were asked for, the login apart. */
  asked(): readonly string[];
  /** Ends every token and whatever it leased; the next call logs in again. */
  endTokens(): void;
  /** How far Vault's clock is ahead. */
  skewMs: number;
  /** What `{"$secret"}` reads. */
  readonly credentials: Map<string, string>;
}

/** A result with a payload. */
export type OkResult = Extract<ProviderResult, { status: "ok" }>;

/** Starts the double. `random` is 0.5 throughout. */
export async function openEngineFixture(): Promise<EngineFixture> {
  const credentials = new Map<string, string>();
  const read = conformanceHost().credential;
  const fixture = await openFixture({
    random: () => 0.5,
    credential: async (source) =>
      "$secret" in source ? Buffer.from(credentials.get(source.$secret) ?? "") : read(source),
  });
  const { double, clock } = fixture;
  const vaultNow = (): number => clock.now() + extended.skewMs;
  const engines = new EnginesDouble(vaultNow);
  double.now = vaultNow;
  double.engines.push(({ token = "", ...request }) => engines.answer({ token, ...request }));
  double.open.push(({ token = "", ...request }) => engines.wrapping.answer({ token, ...request }));
  const extended: EngineFixture = Object.assign(fixture, {
    engines,
    url: `http://127.0.0.1:${double.port}`,
    context: forever,
    skewMs: 0,
    credentials,
    asked: () => double.requests.map(({ path }) => path).filter((path) => !path.startsWith("auth/")),
    endTokens() {
      for (const token of double.tokens.alive) engines.leases.endAllOf(token);
      double.tokens.revokeAll();
    },
  });
  return extended;
}

/** Reads the current version of what must be there. */
export async function readOk(provider: Provider, path: string): Promise<OkResult> {
  const result = await provider.get({ path, version: "current" }, forever);
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
