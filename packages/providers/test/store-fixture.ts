import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConformanceHarness,
  type ConformanceHost,
  conformanceHost,
  openAdapter,
  parseOptions,
} from "@tacit/core/conformance";
import type { Adapter, CallContext, Provider, ProviderHost, ProviderResult } from "@tacit/core/provider";
import { type ManualClock, manualClock } from "@tacit/core/testing";
import { type DoubleFaults, type FaultWords, faultsOf } from "./http-double.ts";
import type { FaultTarget } from "./http-fault-suite.ts";
import type { StoreDouble, StoreRequest } from "./store-double.ts";
import { turns } from "./turns.ts";

/** A double and providers over it, all of which end with the test. */
export interface StoreFixture<D extends StoreDouble> extends AsyncDisposable {
  readonly double: D;
  readonly clock: ManualClock;
  readonly host: ConformanceHost;
  readonly adapter: Adapter;
  /** As a config document holds them; they reach the double. */
  readonly options: Record<string, unknown>;
  /** Writes a file of its own, and says where it is. */
  file(name: string, content: string): string;
  open(options?: Record<string, unknown>): Promise<Provider>;
}

/** How the double of one store is made and reached. */
export interface StoreFixtureParts<D extends StoreDouble> {
  /** An adapter of any options. */
  readonly adapter: { readonly name: string };
  /** @param clock by which its tokens end */
  double(clock: { now(): number }): D;
  options(fixture: Pick<StoreFixture<D>, "double" | "file">): Record<string, unknown>;
}

/** A context without an end. */
export const forever: CallContext = { signal: new AbortController().signal };

/** Starts the double. Time passes only when the test says so, unless `members` has another clock. */
export async function openStoreFixture<D extends StoreDouble>(
  parts: StoreFixtureParts<D>,
  members: Partial<ProviderHost> = {},
  clock: ManualClock = manualClock(),
): Promise<StoreFixture<D>> {
  // No jitter: each wait is the shortest that it can be.
  const host = conformanceHost({ clock, random: () => 0, ...members });
  const double = parts.double({ now: () => host.clock.now() });
  double.now ??= () => host.clock.now();
  await double.listen();
  const directory = mkdtempSync(join(tmpdir(), "tacit-store-"));
  const file = (name: string, content: string): string => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const adapter = parts.adapter as Adapter;
  const options = parts.options({ double, file });
  const ends: (() => Promise<unknown>)[] = [];
  return {
    double,
    clock,
    host,
    adapter,
    options,
    file,
    async open(more = {}) {
      const provider = await adapter.open(await parseOptions(adapter, { ...options, ...more }), host);
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
}

/** The members of a harness that follow from a fixture: opening, faults, the count of reads, the end. */
export function harnessOf<D extends StoreDouble>(
  fixture: StoreFixture<D>,
  words: FaultWords<StoreRequest> & { readonly isRead: (request: StoreRequest) => boolean },
): Pick<ConformanceHarness, "adapter" | "options" | "open" | "reads" | "close"> & DoubleFaults {
  const { adapter, double } = fixture;
  return {
    adapter,
    options: () => ({ ...fixture.options }),
    open: (o) => openAdapter(adapter, { ...fixture.options, ...o?.options }, o?.host),
    ...faultsOf(double, words),
    reads: () => double.count(words.isRead),
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
}

/** What the fault suite drives. @param asked the path of the secret, and how a request for it is told */
export async function faultTargetOf<D extends StoreDouble>(
  fixture: StoreFixture<D>,
  asked: Pick<FaultTarget<StoreRequest>, "path" | "asksForSecret" | "expireLogin" | "secrets">,
): Promise<FaultTarget<StoreRequest>> {
  const { double, clock } = fixture;
  return {
    double,
    clock,
    provider: await fixture.open(),
    ...asked,
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
}

/** Reads the current version. */
export function read(provider: Provider, path: string, ifVersion?: string): Promise<ProviderResult> {
  return provider.get({ path, version: "current", ifVersion }, forever);
}

/** The content of an answer: the text of a value, or the record of fields. */
export async function contentOf(reading: Promise<ProviderResult>): Promise<string | Readonly<Record<string, string>>> {
  const result = await reading;
  if (result.status !== "ok") throw new Error(`answered ${result.status}`);
  const { payload } = result;
  if (payload.kind === "value") return Buffer.from(payload.bytes).toString();
  return Object.fromEntries([...payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}

/** What a call was rejected with. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => Promise.reject(new Error(`resolved with ${typeof value}`)),
    (error: unknown) => error,
  );
}

/** Lets seconds pass, and the network work between them, until something holds; at most a minute. */
export async function passes(clock: ManualClock, holds: () => boolean): Promise<void> {
  for (let second = 0; second < 60 && !holds(); second += 1) {
    await clock.advance(1000);
    await turns(200, holds);
  }
}
