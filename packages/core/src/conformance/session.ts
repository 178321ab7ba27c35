import type { Provider, ProviderResult, SecretPayload, VersionSelector } from "../contract/contract.ts";
import { expectThat, within } from "./assertions.ts";
import type { Subject } from "./case.ts";
import { type ConformanceHost, conformanceHost } from "./conformance-host.ts";
import type { Undo } from "./harness.ts";

/** A result that holds a payload. */
export type OkResult = Extract<ProviderResult, { status: "ok" }>;

/** What a read may ask beside the path. */
export interface GetOptions {
  readonly version?: VersionSelector;
  readonly ifVersion?: string;
  readonly signal?: AbortSignal;
}

/** One open provider, and the store beneath it. */
export interface Session {
  /** Replaced by each change where the adapter is frozen. */
  readonly provider: Provider;
  readonly host: ConformanceHost;
  get(path: string, o?: GetOptions): Promise<ProviderResult>;
  /** Reads what must be there, and checks the shape of the answer. */
  read(path: string, o?: GetOptions): Promise<OkResult>;
  /** Changes the store; a frozen adapter is opened anew, on the same host, as a restart would. */
  put(path: string, payload: SecretPayload): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Opens a provider, runs with it, and closes it whatever happened. */
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

/** One bounded call of `get`. */
export function readOnce(provider: Provider, path: string, o: GetOptions = {}): Promise<ProviderResult> {
  const { version = "current", ifVersion, signal = new AbortController().signal } = o;
  return within(provider.get({ path, version, ifVersion }, { signal }), "get");
}

/** The answer as one that holds a well-formed payload. */
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

/** Closes a provider that has `close`, within bounds. */
export async function closeProvider(provider: Provider): Promise<void> {
  await within(provider.close?.() ?? Promise.resolve(), "close");
}

/** Runs under a fault, and ends it whatever happened. */
export async function during(fault: Promise<Undo>, run: () => Promise<void>): Promise<void> {
  const undo = await fault;
  await finallyDo(run, undo);
}

/** The first failure is the one that is told. */
async function finallyDo(run: () => Promise<void>, end: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
  await end();
}
