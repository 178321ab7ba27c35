import type { Provider, ProviderResult, SecretPayload, VersionSelector } from "../contract/contract.ts";
import { expectThat, within } from "./assertions.ts";
import type { Subject } from "./case.ts";
import { type ConformanceHost, conformanceHost } from "./conformance-host.ts";
import type { Undo } from "./harness.ts";

/** A result with a payload. */
export type OkResult = Extract<ProviderResult, { status: "ok" }>;

/** The options of a read besides the path. */
export interface GetOptions {
  readonly version?: VersionSelector;
  readonly ifVersion?: string;
  readonly signal?: AbortSignal;
}

/** One open provider and its store. */
export interface Session {
  /** Replaced by each change where the adapter is frozen. */
  readonly provider: Provider;
  readonly host: ConformanceHost;
  get(path: string, o?: GetOptions): Promise<ProviderResult>;
  /** Reads an existing secret and checks the shape of the result. */
  read(path: string, o?: GetOptions): Promise<OkResult>;
  /** Changes the store; reopens a frozen adapter on the same host, as a restart would. */
  put(path: string, payload: SecretPayload): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Runs a function with an open provider, and closes the provider even if the function fails. */
export async function withSession(subject: Subject, run: (session: Session) => Promise<void>): Promise<void> {
  const { harness, supports } = subject;
  const host = conformanceHost();
  let provider = await within(harness.open({ host }), "open");
  const restart = async (): Promise<void> => {
    if (!supports.frozen) return;
    await closeProvider(provider);
    provider = await within(harness.open({ host }), "open");
  };
  const session: Session = {
    host,
    get provider() {
      return provider;
    },
    get: (path, o) => readOnce(provider, path, o),
    read: async (path, o) => expectOk(await readOnce(provider, path, o)),
    async put(path, payload) {
      await harness.put(path, payload);
      await restart();
    },
    async remove(path) {
      await harness.remove?.(path);
      await restart();
    },
  };
  await finallyDo(
    () => run(session),
    () => closeProvider(provider),
  );
}

/** Calls `get` with a time limit. */
export function readOnce(provider: Provider, path: string, o: GetOptions = {}): Promise<ProviderResult> {
  const { version = "current", ifVersion, signal = new AbortController().signal } = o;
  return within(provider.get({ path, version, ifVersion }, { signal }), "get");
}

/** Returns the result if its payload is well formed; throws otherwise. */
export function expectOk(result: ProviderResult): OkResult {
  expectThat(result.status === "ok", `get: answered ${result.status}, but the store has a secret there`);
  expectThat(typeof result.version === "string" && result.version !== "", "get: the version is not a non-empty string");
  const dates = [result.createdAt, result.expiresAt].filter((date) => date !== undefined);
  expectThat(
    dates.every((date) => date instanceof Date && !Number.isNaN(date.getTime())),
    "get: createdAt or expiresAt is not a valid Date",
  );
  const labels = Object.values(result.labels ?? {});
  expectThat(
    labels.every((label) => typeof label === "string"),
    "get: a label is not a string",
  );
  return result;
}

/** Calls `close` of a provider, if it has one, with a time limit. */
export async function closeProvider(provider: Provider): Promise<void> {
  await within(provider.close?.() ?? Promise.resolve(), "close");
}

/** Runs a function during a fault, and ends the fault even if the function fails. */
export async function during(fault: Promise<Undo>, run: () => Promise<void>): Promise<void> {
  const undo = await fault;
  await finallyDo(run, undo);
}

/** Runs `end` after `run` and rejects with the first failure. */
async function finallyDo(run: () => Promise<void>, end: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
  await end();
}
